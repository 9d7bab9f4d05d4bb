import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ObjectPiece } from '../../src/git/push-inspection.ts'
import { Look } from '../../src/shield/look.ts'
import { marksFor } from '../../src/shield/marks.ts'
import { SecretScan } from '../../src/shield/scan.ts'
import { Suspicions } from '../../src/shield/suspicions.ts'
import { OauthStage } from '../http/oauth/stage.ts'

let stage: OauthStage
let token: string

beforeAll(async () => {
  stage = await OauthStage.open()
  token = (await stage.tokens('web')).access
})
afterAll(() => stage?.close())

const scan = Promise.resolve(new SecretScan(marksFor('glpat-')))
const [pieceSize, overlap] = [10_000, 4_096]

/** As a push shows an object, in smaller pieces. */
const piecesOf = (bytes: Buffer): ObjectPiece[] => {
  const object = { id: '1'.repeat(40), type: 'blob', size: bytes.length } as const
  const starts = Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, at) => at * pieceSize)
  return starts.map((start) => {
    const at = Math.max(0, start - overlap)
    return { object, at, bytes: bytes.subarray(at, start + pieceSize) }
  })
}

const linesOf = async (bytes: Buffer, mostBare?: number): Promise<number[]> => {
  const suspicions = new Suspicions(stage.api.store.read, stage.now)
  const look = new Look(suspicions, scan, stage.api.store.read, mostBare)
  for (const piece of piecesOf(bytes)) await look.see(piece)
  return [...new Set((await suspicions.findings()).map(({ place }) => place.line))]
}

/** A text of this size with the token at a place. */
const around = (at: number, size: number): Buffer => {
  const text = Buffer.from(
    `${randomBytes(size / 2)
      .toString('hex')
      .replaceAll('0', ' ')}`,
  )
  text.write(` ${token} `, at)
  return text
}

test('a token without a mark is found in one line of base64 over many pieces', async () => {
  for (const at of [100, 7_301, 9_002, 14_000, 20_503, 29_000]) {
    for (const lead of ['', 'a: ', 'ab: ', 'abc: "']) {
      expect([at, lead, await linesOf(Buffer.from(`\n${lead}${around(at, 32_000).toString('base64')}`))]).toEqual([at, lead, [2]])
    }
  }
})

test('and in base64 of many lines, on the line where its text began', async () => {
  const inner = around(25_000, 32_000).toString('base64').replaceAll(/.{76}/g, '$&\n')
  expect((await linesOf(Buffer.from(`key: |\n${inner}`))).length).toBeGreaterThan(0)
})

test('sums beside it are none, whether few tokens are there or more than are held in memory', async () => {
  const sums = Array.from({ length: 700 }, () => `${randomBytes(32).toString('hex')}  file\n`)
  sums[600] = `${token}\n`
  const list = Buffer.from(sums.join(''))
  expect(await linesOf(list)).toEqual([601])
  expect(await linesOf(list, 2)).toEqual([601])
})

/**
 * How fast the shield searches, by what is searched: MB of content in a second of CPU time, printed and not asserted. A
 * live token in the midst of each kind is found, and nothing else.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ObjectPiece } from '../../src/git/push-inspection.ts'
import { Look } from '../../src/shield/look.ts'
import { marksFor } from '../../src/shield/marks.ts'
import { SecretScan } from '../../src/shield/scan.ts'
import { Suspicions } from '../../src/shield/suspicions.ts'
import { OauthStage } from '../http/oauth/stage.ts'

const size = 16e6
const pieceSize = 2 ** 20
const overlap = 4_096

const scan = Promise.resolve(new SecretScan(marksFor('glpat-')))

let stage: OauthStage
let idle: OauthStage
let token: string

beforeAll(async () => {
  stage = await OauthStage.open()
  idle = await OauthStage.open()
  token = (await stage.tokens('web')).access
})

afterAll(async () => {
  await stage?.close()
  await idle?.close()
})

/** As much as is wanted of one text after the other, again where there is too little. */
const filled = (next: (at: number) => string | Buffer): Buffer => {
  const parts: Buffer[] = []
  for (let [at, sum] = [0, 0]; sum < size; at += 1) {
    const part = Buffer.from(next(at))
    parts.push(part)
    sum += part.length
  }
  return Buffer.concat(parts).subarray(0, size)
}

const packages = join(import.meta.dirname, '../../node_modules')

const filesOf = async (name: RegExp): Promise<Buffer> => {
  const entries = await readdir(packages, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && name.test(entry.name)).slice(0, 1_500)
  const contents = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))))
  const all = Buffer.concat([...contents, Buffer.from('\n')])
  return filled(() => all)
}

const lines = (text: string, width: number): string => text.replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n')

const certificate = (): string =>
  `-----BEGIN CERTIFICATE-----\n${lines(randomBytes(1_200).toString('base64'), 64)}\n-----END CERTIFICATE-----\n`

const kinds: [kind: string, make: () => Promise<Buffer>][] = [
  ['source text', () => filesOf(/\.ts$/)],
  ['JavaScript', () => filesOf(/\.[cm]?js$/)],
  ['minified JavaScript', () => filesOf(/\.min\.[cm]?js$/)],
  ['JSON', () => filesOf(/\.json$/)],
  ['prose', () => filesOf(/\.md$/)],
  ['programs', () => filesOf(/\.node$/)],
  ['random bytes', async () => filled(() => randomBytes(pieceSize))],
  ['certificates', async () => filled(certificate)],
  [
    'images in data URLs',
    async () => filled(() => `<img src="data:image/png;base64,${randomBytes(9_000).toString('base64')}">\n`),
  ],
  ['one line of base64', async () => Buffer.from(randomBytes((size / 4) * 3).toString('base64'))],
  ['a lock file with SHA-512', async () => filled(() => `  "integrity": "sha512-${randomBytes(64).toString('base64')}",\n`)],
  ['SHA-256 of files', async () => filled((at) => `${randomBytes(32).toString('hex')}  path/file-${at}.txt\n`)],
  ['SHA-256 and nothing else', async () => filled(() => `${randomBytes(32).toString('hex')}\n`)],
  ['SHA-1 and refs', async () => filled((at) => `${randomBytes(20).toString('hex')} refs/tags/v${at}\n`)],
  ['hexadecimal dump', async () => filled(() => `${randomBytes(30).toString('hex')}\n`)],
]

function* piecesOf(bytes: Buffer): Generator<ObjectPiece> {
  const object = { id: '1'.repeat(40), type: 'blob', size: bytes.length } as const
  for (let start = 0; start < bytes.length; start += pieceSize) {
    const at = Math.max(0, start - overlap)
    yield { object, at, bytes: bytes.subarray(at, start + pieceSize) }
  }
}

const search = async (where: OauthStage, bytes: Buffer): Promise<{ found: number; speed: number }> => {
  const suspicions = new Suspicions(where.api.store.read, where.now)
  const look = new Look(suspicions, scan, where.api.store.read)
  const before = process.cpuUsage()
  for (const piece of piecesOf(bytes)) await look.see(piece)
  const findings = await suspicions.findings()
  return { found: findings.length, speed: bytes.length / process.cpuUsage(before).user }
}

const best = (speeds: readonly number[]): string => `${Math.max(...speeds).toFixed(0)} MB/s`

test.each(kinds)('%s', async (kind, make) => {
  const bytes = await make()
  const [without, among]: number[][] = [[], []]
  for (let round = 0; round < 3; round += 1) {
    const clean = await search(idle, bytes)
    expect(clean.found).toBe(0)
    without?.push(clean.speed)
  }
  bytes.write(`\n${token}\n`, size / 2)
  for (let round = 0; round < 3; round += 1) {
    const { found, speed } = await search(stage, bytes)
    expect(found).toBeGreaterThan(0)
    among?.push(speed)
  }
  console.log(`${kind}: ${best(without ?? [])}, with tokens of OAuth about ${best(among ?? [])}`)
})

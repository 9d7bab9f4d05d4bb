import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { rootToken } from '../../support/sallyport.ts'
import { apart, sameObjects } from './answers.ts'
import { theGround } from './one-ground.ts'
import { fetchCommand } from './packets.ts'
import type { Project, ProvingGround } from './proving-ground.ts'
import { type History, writeHistory } from './random-history.ts'
import { answerTo } from './stock-git.ts'

describe('large fetches', () => {
  let ground: ProvingGround
  let project: Project
  let history: History

  beforeAll(async () => {
    ground = await theGround()
    project = await ground.project('large')
    const plan = { file: 0, lines: 50, isTagged: false, parents: [1] }
    const commits = Array.from({ length: 12 }, (_, at) => ({ ...plan, file: at % 3, isBranch: at === 11 }))
    history = await writeHistory(project.directory, { commits, packed: 'packed' })
  })

  const absent = (number: number): string => `have ${number.toString(16).padStart(40, '0')}\n`

  /** Wishes with so many haves that nobody has, and one that is there. */
  const wishes = (count: number): Buffer => {
    const haves = Array.from({ length: count }, (_, at) => absent(at + 1))
    return fetchCommand(['no-progress\n', `want ${history.commits[11]}\n`, ...haves, `have ${history.commits[5]}\n`, 'done\n'])
  }

  /** Sends the body piece by piece; the length is not told. */
  const post = (pieces: readonly Buffer[], headers: Readonly<Record<string, string>>): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const asked = request(`${ground.server.http}/${project.path}.git/git-upload-pack`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(`git:${rootToken}`).toString('base64')}`,
          'Content-Type': 'application/x-git-upload-pack-request',
          'Git-Protocol': 'version=2',
          ...headers,
        },
      })
      asked.on('response', (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => resolve(Buffer.concat(chunks)))
        answer.on('error', reject)
      })
      asked.on('error', reject)
      const send = (at: number): void => {
        const piece = pieces[at]
        if (piece === undefined) asked.end()
        else asked.write(piece, () => setImmediate(send, at + 1))
      }
      send(0)
    })

  const cut = (body: Buffer, size: number): Buffer[] =>
    Array.from({ length: Math.ceil(body.length / size) }, (_, at) => body.subarray(at * size, (at + 1) * size))

  test.each([0, 500, 1_300, 1_311, 2_000, 90_000])('%i haves, in one piece, in many, and compressed', async (count) => {
    const body = wishes(count)
    const expected = apart((await answerTo(project.directory, body)).output)
    const gzip = { 'Content-Encoding': 'gzip' }
    for (let round = 0; round < 2; round += 1) {
      const heard = await Promise.all([
        post([body], {}),
        post(cut(body, Math.max(7, body.length >> 8)), {}),
        post(cut(gzipSync(body, { level: 1 }), 1000), gzip),
      ])
      for (const { words, pack } of heard.map(apart)) {
        expect(words).toEqual(expected.words)
        await sameObjects(pack, expected.pack, project.directory)
      }
    }
  })
})

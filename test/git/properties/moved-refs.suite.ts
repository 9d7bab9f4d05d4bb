import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { apart, objectsIn } from './answers.ts'
import { writeCommit, writeTag, writeTree } from './object-pool.ts'
import { theGround } from './one-ground.ts'
import { fetchCommand, flush, packet } from './packets.ts'
import type { Project, ProvingGround } from './proving-ground.ts'
import { answerTo } from './stock-git.ts'

describe('fetches that depend on refs', () => {
  let ground: ProvingGround
  let project: Project
  const commits: string[] = []

  /** Without a word to the server. */
  const writeRef = (name: string, id = ''): void => {
    const path = join(project.directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${id}\n`)
  }

  beforeAll(async () => {
    ground = await theGround()
    project = await ground.project('moved')
    const tree = writeTree(project.directory, {})
    for (const number of [0, 1, 2, 3]) {
      commits.push(writeCommit(project.directory, tree, commits.slice(-1), `commit ${number}`, number * 60))
      writeRef(`refs/heads/agent=${number}`, commits[number])
    }
    writeRef('refs/heads/main', commits[3])
  })

  /** Twice of each worker: made, and perhaps remembered. */
  const sameAsGit = async (body: Buffer, protocol = 'version=2'): Promise<Buffer> => {
    const expected = apart((await answerTo(project.directory, body, protocol)).output)
    for (const { http } of [...ground.workers, ...ground.workers]) {
      expect(apart((await http.uploadPack(project.path, body, protocol)).body)).toEqual(expected)
    }
    return expected.pack
  }

  const wish = (...words: readonly string[]): Buffer =>
    fetchCommand([...words, 'no-progress\n', `want ${commits[3]}\n`, 'done\n'])

  test('a depth that a branch gives moves with the branch', async () => {
    for (const number of [0, 1, 2, 1]) {
      writeRef('refs/heads/base', commits[number])
      await sameAsGit(wish('deepen-not refs/heads/base\n'))
    }
  })

  test('a tag that comes is brought along, and one that is moved as well', async () => {
    const body = wish('include-tag\n')
    await sameAsGit(body)
    for (const number of [2, 3]) {
      const tag = writeTag(project.directory, commits[number] ?? '', 'commit', `t${number}`)
      writeRef('refs/tags/t', tag)
      expect(await objectsIn(await sameAsGit(body), project.directory)).toContain(tag)
    }
  })

  test('a word of a fetch that looks like the name of a program is a word', async () => {
    for (const number of [0, 1, 2]) {
      const wanted = packet(`want ${commits[3]} side-band-64k no-progress deepen-not\n`)
      await sameAsGit(Buffer.concat([wanted, packet(`deepen-not agent=${number}\n`), flush, packet('done\n')]), 'version=0')
      await sameAsGit(wish(`deepen-not agent=${number}\n`))
    }
  })
})

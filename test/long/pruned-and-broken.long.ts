/**
 * The attack: somebody fetches a commit by its id, again and again, before a secret in it is pruned from the disk, and
 * asks once more when it is gone. Or a fetch is asked for while an object on the disk is broken, so that it breaks off,
 * and what there is of it is kept for those who come when it was repaired.
 * What was believed: an answer that was right stays right.
 * What holds: an answer counts only while the objects are as they were when it was made, and only where it came to its end.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdsPack, writeTip } from '../attacks/readers.ts'
import { writeCommit, writeObject, writeTree } from '../git/properties/object-pool.ts'
import { fetchCommand } from '../git/properties/packets.ts'
import { type Project, ProvingGround } from '../git/properties/proving-ground.ts'
import { mustGit } from '../git/properties/stock-git.ts'

let ground: ProvingGround
let project: Project

beforeAll(async () => {
  ground = await ProvingGround.open(2)
  project = await ground.project('vault')
  writeTip(project.directory, writeTree(project.directory, {}), 'main')
})

afterAll(() => ground?.[Symbol.asyncDispose]())

/** What each worker answers, twice. */
const asked = async (want: string): Promise<Buffer[]> => {
  const body = fetchCommand(['no-progress\n', `want ${want}\n`, 'done\n'])
  const twice = [...ground.workers, ...ground.workers]
  return Promise.all(twice.map(async ({ http }) => (await http.uploadPack(project.path, body)).body))
}

const commitWith = (text: string): { id: string; blob: string } => {
  const { directory } = project
  const blob = writeObject(directory, 'blob', Buffer.from(text))
  return { id: writeCommit(directory, writeTree(directory, { secret: blob }), [], 'by mistake'), blob }
}

test.each([
  ['prune', ['prune', '--expire=now']],
  ['gc', ['gc', '-q', '--prune=now']],
])('what git %s has removed is not served any more', async (_how, words) => {
  const { id } = commitWith(`a secret that was pushed by mistake and removed by ${words[0]}\n`)
  for (let round = 0; round < 2; round += 1) expect((await asked(id)).every(holdsPack)).toBe(true)
  await mustGit([`--git-dir=${project.directory}`, ...words])
  for (const answer of await asked(id)) expect(answer.toString()).toContain(`not our ref ${id}`)
})

test('a fetch that broke off is made anew when what was broken is repaired', async () => {
  const { id, blob } = commitWith(`${'a long line that is worth a pack\n'.repeat(500)}`)
  const file = join(project.directory, 'objects', blob.slice(0, 2), blob.slice(2))
  const good = readFileSync(file)
  writeFileSync(file, good.subarray(0, 20))
  for (const answer of await asked(id)) expect(holdsPack(answer)).toBe(false)
  writeFileSync(file, good)
  for (const answer of await asked(id)) expect(holdsPack(answer)).toBe(true)
})

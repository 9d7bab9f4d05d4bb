import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RefNotes } from '../../src/backup/look.ts'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { lastingFiles, openLasting, seeRepository } from '../../src/git/repository-copy.ts'
import { git, TendedRepository } from '../git/maintenance/repository.ts'

const root = mkdtempSync(join(tmpdir(), 'sallyport-held-'))
const ids = [1, 2, 3] as ProjectId[]
const never = new AbortController().signal

let isHeld = true
const repositories = new Repositories(
  root,
  async () => {},
  () => isHeld,
)

beforeAll(async () => {
  for (const id of ids) await repositories.create(id, 'main')
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const setRef = (id: ProjectId, name: string, digit: string): void => {
  const file = join(repositories.directoryOf(id), 'refs/heads', name)
  writeFileSync(`${file}.lock`, `${digit.repeat(40)}\n`)
  renameSync(`${file}.lock`, file)
}

test('what changed since it was read ahead is read again, and what is gone is missing', async () => {
  setRef(ids[0] as ProjectId, 'main', '1')
  setRef(ids[1] as ProjectId, 'main', '2')
  const note = await open(join(root, 'note'), 'wx+')
  try {
    const notes = new RefNotes(repositories, note)
    await notes.readAhead(never)
    setRef(ids[1] as ProjectId, 'main', '3')
    setRef(ids[1] as ProjectId, 'other', '4')
    const look = await notes.readNow([...ids, 4 as ProjectId], Number.POSITIVE_INFINITY)
    expect([look.isOneInstant, look.missing, [...look.repositories.keys()]]).toEqual([true, [4], ids])
    const texts = await Promise.all(
      [...look.repositories.values()].map(async (noted) => (await notes.readNoted(noted)).toString()),
    )
    const heading = '# pack-refs with: sorted \n'
    expect(texts).toEqual([
      `${heading}${'1'.repeat(40)} refs/heads/main\n`,
      `${heading}${'3'.repeat(40)} refs/heads/main\n${'4'.repeat(40)} refs/heads/other\n`,
      heading,
    ])
  } finally {
    await note.close()
  }
})

test('names of refs keep their bytes, and what is packed is there beside what is loose', () => {
  const directory = repositories.directoryOf(ids[0] as ProjectId)
  const name = Buffer.from('refs/heads/gr\xfcn', 'latin1')
  const [loose, packed] = ['5'.repeat(40), '6'.repeat(40)]
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), name]), `${loose}\n`)
  writeFileSync(join(directory, 'refs/heads/symbolic'), 'ref: refs/heads/main\n')
  writeFileSync(join(directory, 'refs/heads/main.lock'), `${packed}\n`)
  const lines = [`${packed} refs/heads/main\n`, `${packed} refs/tags/v1\n^${loose}\n`]
  writeFileSync(join(directory, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`)
  const seen = seeRepository(directory)
  expect(seen?.refs.toString('latin1').split('\n')).toEqual([
    '# pack-refs with: sorted ',
    `${loose} refs/heads/gr\xfcn`,
    `${'1'.repeat(40)} refs/heads/main`,
    `${packed} refs/tags/v1`,
    '',
  ])
})

test('a repository that is removed meanwhile stays on disk, and is found', async () => {
  const id = ids[2] as ProjectId
  await repositories.remove(id)
  expect(await repositories.exists(id)).toBe(false)
  const handle = await openLasting(() => repositories.whereNow(id), 'config')
  expect(await handle.readFile('utf8')).toContain('bare = true')
  await handle.close()
  expect(readdirSync(join(root, 'aside')).filter((name) => name.startsWith('removed-'))).toHaveLength(1)
  isHeld = false
  await repositories.sweepRemoved()
  expect(readdirSync(join(root, 'aside'))).toEqual([])
})

test('what is copied of a repository is enough for git, and nothing that is being written', async () => {
  const repository = await TendedRepository.make()
  try {
    repository.commit(3)
    git(repository.checkout, 'push', '-q', repository.directory, 'HEAD:main')
    git(
      repository.directory,
      '-c',
      'pack.writeReverseIndex=true',
      'repack',
      '-q',
      '-a',
      '-d',
      '--write-midx',
      '--write-bitmap-index',
    )
    git(repository.directory, 'commit-graph', 'write', '--reachable', '--split')
    repository.commit()
    git(repository.checkout, 'push', '-q', repository.directory, 'HEAD:main')
    const pack = join(repository.directory, 'objects/pack')
    for (const name of ['tmp_pack_a', `pack-${'a'.repeat(40)}.pack`, `pack-${'b'.repeat(40)}.keep`])
      writeFileSync(join(pack, name), '')
    writeFileSync(join(repository.directory, 'objects/info/alternates'), '/etc\n')
    const files = await lastingFiles(repository.directory)
    const kinds = files.map((name) => name.replace(/[0-9a-f]{38,}/g, '#').replace(/\/[0-9a-f]{2}\/#/, '/xx/#'))
    expect(new Set(kinds)).toEqual(
      new Set([
        'objects/pack/pack-#.pack',
        'objects/pack/pack-#.rev',
        'objects/pack/pack-#.idx',
        'objects/pack/multi-pack-index',
        'objects/pack/multi-pack-index-#.bitmap',
        'objects/info/commit-graphs/commit-graph-chain',
        'objects/info/commit-graphs/graph-#.graph',
        'objects/xx/#',
      ]),
    )
  } finally {
    rmSync(repository.root, { recursive: true, force: true })
  }
})

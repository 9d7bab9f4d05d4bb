import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { admitUpkeep } from '../../src/access/upkeep.ts'
import type { ProjectId } from '../../src/core/ids.ts'
import { type Care, lookAfter } from '../../src/git/maintenance/look-after.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { Api } from '../support/api.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

const run = promisify(execFile)

let server: Sallyport
let folder: string
let repositories: Repositories
let id: ProjectId

const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
}

const git = async (...words: string[]): Promise<string> => {
  const { stdout } = await run('git', words, { env: environment, maxBuffer: 2 ** 26 })
  return stdout.trim()
}

const checkout = (): string => join(folder, 'checkout')
const url = (): string => server.http.replace('://', `://root:${rootToken}@`).concat('/root/app.git')
const branches = Array.from({ length: 40 }, (_, at) => `refs/heads/branch-${at}`)

const commit = async (name: string): Promise<string> => {
  await writeFile(join(checkout(), name), `${name}\n`.repeat(200))
  await git('-C', checkout(), 'add', '.')
  await git('-C', checkout(), 'commit', '-q', '-m', name)
  return git('-C', checkout(), 'rev-parse', 'HEAD')
}

beforeAll(async () => {
  server = await startSallyport({ workers: 2, env: { SALLYPORT_MAINTENANCE: 'off' } })
  folder = await mkdtemp(join(tmpdir(), 'maintained-'))
  repositories = new Repositories(join(server.home, 'repos'))
  const made = await new Api(server.http).make('POST', '/projects', { name: 'app', path: 'app' })
  id = made.id as ProjectId
  await git('init', '-q', '-b', 'main', checkout())
  for (let at = 0; at < 20; at += 1) await commit(`file-${at}`)
  await git('-C', checkout(), 'push', '-q', url(), 'HEAD:main', ...branches.map((branch) => `HEAD:${branch}`))
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const faults: unknown[] = []

/** Old packs go at once here, although the server is at work: what fetches need then, git has to find anew. */
const care = (): Care => ({
  site: { upkeep: admitUpkeep(id), directory: repositories.directoryOf(id), signal: new AbortController().signal },
  repository: id,
  heard: (event) => void (event.kind === 'failed' && faults.push(event.fault)),
  grace: 14 * 86_400_000,
  rest: 0,
  pruned: async () => {},
})

test('whoever clones, asks for refs or pushes while a repository is looked after again and again, notices nothing', async () => {
  let isOver = false
  const during = async (work: (turn: number) => Promise<void>): Promise<number> => {
    let turns = 0
    for (; !isOver; turns += 1) await work(turns)
    return turns
  }
  const clones = during(async (turn) => {
    const target = join(folder, `clone-${turn}`)
    await git('clone', '-q', '--bare', url(), target)
    await git('-C', target, 'fsck', '--full', '--strict')
    await rm(target, { recursive: true })
  })
  const listings = during(async () => {
    const listed = await git('ls-remote', url())
    for (const branch of branches) expect(listed).toContain(`\t${branch}\n`)
  })
  const pushed: string[] = []
  const pushes = during(async (turn) => {
    pushed.push(await commit(`pushed-${turn}`))
    const moved = branches[turn % branches.length]
    await git('-C', checkout(), 'push', '-q', '-f', url(), 'HEAD:main', `HEAD:${moved}`, `HEAD:refs/tags/v${turn}`)
  })
  const maintained: boolean[] = []
  try {
    for (let turn = 0; turn < 4; turn += 1) maintained.push(await lookAfter(care(), turn % 2 === 0 ? 'whole' : 'growth'))
  } finally {
    isOver = true
  }
  const turns = await Promise.all([clones, listings, pushes])
  expect(faults).toEqual([])
  expect(maintained).toEqual(maintained.map(() => true))
  expect(Math.min(...turns)).toBeGreaterThan(0)
  await lookAfter(care(), 'whole')
  const directory = repositories.directoryOf(id)
  expect(await git('-C', directory, 'fsck', '--full', '--strict')).toBe('')
  const tags = await git('-C', directory, 'for-each-ref', '--format=%(objectname)', '--sort=creatordate', 'refs/tags')
  expect(new Set(tags.split('\n'))).toEqual(new Set(pushed))
  expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { sallyport } from '../cli/command-line.ts'
import { Api } from '../support/api.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

/** Backups that are made and restored while everything goes on. */
const rounds = 12

const run = promisify(execFile)

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

/** One push of the main branch. */
interface Pushed {
  readonly commit: string
  /** Milliseconds. */
  readonly asked: number
  readonly answered: number
}

let server: Sallyport
let folder: string
let id: ProjectId
const pushes: Pushed[] = []
let isOver = false

const checkout = (): string => join(folder, 'checkout')
const url = (): string => server.http.replace('://', `://root:${rootToken}@`).concat('/root/app.git')

const commit = async (name: string): Promise<string> => {
  await writeFile(join(checkout(), `file-${name}`), `${name}\n`.repeat(200))
  await git('-C', checkout(), 'add', '.')
  await git('-C', checkout(), 'commit', '-q', '-m', name)
  return git('-C', checkout(), 'rev-parse', 'HEAD')
}

const pushMain = async (name: string): Promise<void> => {
  const made = await commit(name)
  const asked = Date.now()
  await git('-C', checkout(), 'push', '-q', url(), 'HEAD:main')
  pushes.push({ commit: made, asked, answered: Date.now() })
}

/** The main branch goes on, another one is thrown over and deleted: what it led to is nobody's then. */
const goOn = async (): Promise<void> => {
  for (let turn = 0; !isOver; turn += 1) {
    await pushMain(`turn-${turn}`)
    const other = await git('-C', checkout(), 'commit-tree', '-m', `other ${turn}`, 'HEAD^{tree}')
    await git('-C', checkout(), 'push', '-q', '--force', url(), `${other}:refs/heads/other`)
    if (turn % 3 === 0) await git('-C', checkout(), 'push', '-q', url(), ':refs/heads/other')
  }
}

const maintainOn = async (): Promise<void> => {
  while (!isOver) {
    const { code, stderr } = await sallyport(['maintain', '--all', '--home', server.home])
    expect([code, stderr.replaceAll(/sallyport: the server looks after a repository; .*\n/g, '')]).toEqual([0, ''])
  }
}

beforeAll(async () => {
  server = await startSallyport({ workers: 2, env: { SALLYPORT_MAINTENANCE: 'off' } })
  folder = await mkdtemp(join(tmpdir(), 'sallyport-backups-'))
  id = (await new Api(server.http).make('POST', '/projects', { name: 'app', path: 'app' })).id
  await git('init', '-q', '-b', 'main', checkout())
  await pushMain('first')
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const backUp = async (file: string): Promise<{ from: number; to: number }> => {
  const { code, stdout } = await sallyport(['backup', file, '--json', '--home', server.home])
  expect(code).toBe(0)
  const lines: Record<string, unknown>[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { at, held } = lines.find(({ kind }) => kind === 'moment') ?? {}
  const from = Date.parse(String(at))
  return { from, to: from + Number(held) + 1 }
}

const round = async (number: number): Promise<void> => {
  const file = join(folder, `backup-${number}`)
  const home = join(folder, `home-${number}`)
  const { from, to } = await backUp(file)
  // Sound, says `git fsck`: else the code is 1.
  const restored = await sallyport(['restore', file, '--home', home])
  expect([restored.code, restored.stderr]).toEqual([0, ''])
  const directory = new Repositories(join(home, 'repos')).directoryOf(id)
  const main = await git('-C', directory, 'rev-parse', 'refs/heads/main')
  const at = pushes.findIndex((pushed) => pushed.commit === main)
  const least = pushes.findLastIndex(({ answered }) => answered < from)
  const most = pushes.findLastIndex(({ asked }) => asked <= to)
  // The push under way at the moment may have landed before it is in the list.
  expect(at < 0 || (at >= least && at <= most), `push ${at}, between ${least} and ${most}`).toBe(true)
  await rm(home, { recursive: true })
  await rm(file)
}

test('backups beside pushes, deletions, packing and pruning are sound, each with what was answered before its moment', async () => {
  const others = Promise.all([goOn(), maintainOn()])
  for (let number = 0; number < rounds; number += 1) await round(number)
  isOver = true
  await others
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
})

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'vitest'
import { rootToken } from '../../support/sallyport.ts'
import type { Ledger } from './ledger.ts'
import type { Life } from './world.ts'

/** How many of the things that nobody touched of late are looked at each time. */
const sample = 20

const held = async (ledger: Ledger, keys: readonly string[], look: (key: string) => Promise<string>): Promise<void> => {
  const seen = await Promise.all(keys.map(async (key) => ({ key, value: await look(key) })))
  const wrong = seen.map(({ key, value }) => ({ key, value, possible: ledger.settle(key, value) }))
  expect(wrong.filter(({ value, possible }) => !possible.includes(value))).toEqual([])
}

const refsOf = async ({ client }: Life): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = await client.git(['ls-remote', client.url('root/kept', 'root', rootToken)])
  return new Map([...stdout.matchAll(/^(\S+)\t(\S+)$/gm)].map(([, id = '', ref = '']) => [ref, id]))
}

/** Everything that was acknowledged is there; what was not is there whole or not at all. */
const nothingIsLost = async (life: Life, everything: boolean): Promise<void> => {
  const { world, api, server } = life
  const due = (ledger: Ledger) => (everything ? ledger.all : ledger.takeDue(sample))
  const refs = await refsOf(life)
  await held(world.refs, world.refs.all, async (ref) => refs.get(ref) ?? 'absent')
  await held(world.tokens, due(world.tokens), async (token) => {
    const { status } = await fetch(`${server.http}/api/v4/user`, { headers: { 'PRIVATE-TOKEN': token } })
    return { 200: 'works', 401: 'dead' }[status] ?? `status ${status}`
  })
  await held(world.projects, due(world.projects), async (name) => {
    const { status } = await api.call('GET', `/projects/root%2F${name}`)
    return { 200: 'there', 404: 'absent' }[status] ?? `status ${status}`
  })
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) =>
    join(entry.parentPath, entry.name).slice(folder.length + 1),
  )

const leftover = /\.lock$|(?:^|\/)(?:tmp_|\.tmp-)|packed-refs\.new$|sallyport-check|^aside\/(?:new|removed|head)-/

const numbers = (names: readonly string[]): number[] =>
  names
    .flatMap((name) => /^[0-9a-f]{2}\/(\d+)\.git$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other)

interface Rows {
  readonly projects: number[]
  readonly orphans: number[]
  /** Projects without a default branch. */
  readonly unsettled: number[]
  readonly flaws: unknown[]
}

const rowsOf = (home: string): Rows => {
  const database = new Database(join(home, 'sallyport.db'), { readonly: true })
  try {
    const numbersBy = (text: string): number[] => database.prepare<[], number>(text).pluck().all()
    return {
      projects: numbersBy('select id from projects order by id'),
      orphans: numbersBy(
        `select id from users where kind = 'project_bot' and not exists
         (select 1 from access_tokens where user_id = users.id and revoked = 0)`,
      ),
      unsettled: numbersBy('select id from projects where default_branch is null'),
      flaws: [...database.prepare('pragma foreign_key_check').all(), database.pragma('quick_check', { simple: true })],
    }
  } finally {
    database.close()
  }
}

/** What is wrong with the home now; looked at more than once, since repair takes a moment. */
const disorder = (home: string): unknown => {
  const names = filesBelow(join(home, 'repos'))
  const { projects, orphans, unsettled, flaws } = rowsOf(home)
  const onDisk = numbers(names)
  return {
    leftovers: names.filter((name) => leftover.test(name)),
    withoutRow: onDisk.filter((id) => !projects.includes(id)),
    withoutRepository: projects.filter((id) => !onDisk.includes(id)),
    orphans,
    halfPushed: unsettled.filter((id) => names.some((name) => new RegExp(`^../${id}\\.git/refs/heads/.`).test(name))),
    flaws,
  }
}

const order = { leftovers: [], withoutRow: [], withoutRepository: [], orphans: [], halfPushed: [], flaws: ['ok'] }

const objectsAreWhole = async ({ client, world }: Life): Promise<void> => {
  const directory = join(world.home, 'repos', (world.project % 256).toString(16).padStart(2, '0'), `${world.project}.git`)
  const { code, stdout, stderr } = await client.git(['fsck', '--full', '--strict', '--no-dangling', '--no-progress'], {
    cwd: directory,
  })
  expect([code, stdout, stderr]).toEqual([0, '', ''])
}

/** Looks at a server that was killed, and that nobody asks for anything now. */
export const check = async (life: Life, everything: boolean): Promise<void> => {
  await nothingIsLost(life, everything)
  await expect.poll(() => disorder(life.world.home), { timeout: 10_000, interval: 50 }).toEqual(order)
  await objectsAreWhole(life)
}

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Pool } from './object-pool.ts'
import { flush, lsRefs } from './packets.ts'
import type { Worker } from './proving-ground.ts'
import { advertisement, answerTo, conversation, stockGit } from './stock-git.ts'

/** A change that somebody makes beside the server. Each may find the repository in any state. */
export interface Change {
  readonly kind: string
  readonly name: string
  readonly other: string
  readonly object: number
}

interface Shop {
  readonly directory: string
  readonly pool: Pool
}

const names = [
  'refs/heads/a',
  'refs/heads/b',
  'refs/heads/deep/er/c',
  'refs/heads/main',
  'refs/tags/t',
  'refs/merge-requests/1/head',
]

const idOf = ({ pool }: Shop, { object, name }: Change): string => {
  const any = name.startsWith('refs/heads/') ? pool.commits : [...pool.commits, ...pool.tags.map(({ id }) => id)]
  return any[object % any.length] ?? ''
}

/** Git may decline a change, such as one through a symbolic ref that leads back to itself: then there is none. */
const git = async ({ directory }: Shop, words: readonly string[], input?: string): Promise<string> => {
  const asking = input === undefined ? {} : { input: Buffer.from(input) }
  return (await stockGit([`--git-dir=${directory}`, ...words], asking)).output.toString()
}

const fileOf = ({ directory }: Shop, name: string): string => join(directory, name)

const place = (path: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  return path
}

/** The same time on the file as before, as `cp -p` and `touch -r` leave it. */
const keepingTimes = (path: string, work: () => void): void => {
  const before = existsSync(path) ? statSync(path) : undefined
  work()
  if (before !== undefined) utimesSync(path, before.atime, before.mtime)
}

/** `packed-refs` with one id in the place of another: as long as before. */
const otherPacked = (shop: Shop, change: Change): string => {
  const text = readFileSync(fileOf(shop, 'packed-refs'), 'utf8')
  const line = text.split('\n').find((one) => /^[0-9a-f]{40} refs\/heads\//.test(one))
  return line === undefined ? text : text.replace(line, `${idOf(shop, { ...change, name: 'refs/heads/' })}${line.slice(40)}`)
}

const whenPacked = (work: (shop: Shop, change: Change) => void) => (shop: Shop, change: Change) => {
  if (existsSync(fileOf(shop, 'packed-refs'))) work(shop, change)
}

const changes: Readonly<Record<string, (shop: Shop, change: Change) => unknown>> = {
  'update-ref': (shop, change) => git(shop, ['update-ref', change.name, idOf(shop, change)]),
  'update-ref -d': (shop, { name }) => git(shop, ['update-ref', '-d', name]),
  'many update-ref': (shop, change) =>
    git(
      shop,
      ['update-ref', '--stdin'],
      names.map((name) => `update ${name} ${idOf(shop, { ...change, name: 'refs/heads/' })}\n`).join(''),
    ),
  'pack-refs --all': (shop) => git(shop, ['pack-refs', '--all']),
  'pack-refs': (shop) => git(shop, ['pack-refs', '--no-all']),
  gc: (shop) => git(shop, ['-c', 'gc.pruneExpire=never', 'gc', '-q']),
  'branch -m': async (shop, { name, other }) => {
    const [from, to] = [name, other].map((one) => one.slice('refs/heads/'.length))
    const isThere = await git(shop, ['for-each-ref', name])
    if (from !== to && isThere !== '' && name.startsWith('refs/heads/') && other.startsWith('refs/heads/')) {
      await git(shop, ['branch', '-M', from ?? '', to ?? ''])
    }
  },
  'symbolic-ref HEAD': (shop, { name }) => git(shop, ['symbolic-ref', 'HEAD', name]),
  'a detached HEAD': (shop, change) => writeFileSync(fileOf(shop, 'HEAD'), `${idOf(shop, { ...change, name: 'refs/heads/' })}\n`),
  'a symbolic ref': (shop, { name, other }) =>
    git(shop, ['symbolic-ref', name === 'refs/heads/main' ? 'refs/heads/sym' : name, other]),
  'written in place': (shop, change) => writeFileSync(place(fileOf(shop, change.name)), `${idOf(shop, change)}\n`),
  'written in place, with the old time': (shop, change) => {
    const path = place(fileOf(shop, change.name))
    keepingTimes(path, () => writeFileSync(path, `${idOf(shop, change)}\n`))
  },
  'restored by a move': (shop, change) => {
    const path = place(fileOf(shop, change.name))
    keepingTimes(path, () => {
      writeFileSync(`${path}.backup`, `${idOf(shop, change)}\n`)
      renameSync(`${path}.backup`, path)
    })
  },
  'a file removed': (shop, { name }) => rmSync(fileOf(shop, name), { force: true }),
  'packed-refs in place': whenPacked((shop, change) => writeFileSync(fileOf(shop, 'packed-refs'), otherPacked(shop, change))),
  'packed-refs in place, with the old time': whenPacked((shop, change) => {
    const path = fileOf(shop, 'packed-refs')
    keepingTimes(path, () => writeFileSync(path, otherPacked(shop, change)))
  }),
  'packed-refs restored by a move': whenPacked((shop, change) => {
    const path = fileOf(shop, 'packed-refs')
    keepingTimes(path, () => {
      writeFileSync(`${path}.new`, otherPacked(shop, change))
      renameSync(`${path}.new`, path)
    })
  }),
  'packed-refs removed': (shop) => rmSync(fileOf(shop, 'packed-refs'), { force: true }),
  'all refs restored by a move': (shop) => {
    const [refs, old] = ['refs', 'refs.old'].map((name) => fileOf(shop, name)) as [string, string]
    renameSync(refs, old)
    mkdirSync(join(refs, 'heads'), { recursive: true })
    mkdirSync(join(refs, 'tags'))
    if (existsSync(join(old, 'heads/a'))) copyFileSync(join(old, 'heads/a'), join(refs, 'heads/a'))
    rmSync(old, { recursive: true })
  },
}

export const changeArbitrary: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...Object.keys(changes)),
  name: fc.constantFrom(...names),
  other: fc.constantFrom(...names),
  object: fc.nat(63),
})

export const make = async (shop: Shop, change: Change): Promise<void> => {
  await changes[change.kind]?.(shop, change)
}

interface Shown {
  readonly directory: string
  readonly path: string
}

const question = lsRefs(['peel\n', 'symrefs\n', 'unborn\n'])

/** What git shows of the refs now, in the words of each protocol and door. */
const directly = async ({ directory }: Shown): Promise<string[]> => {
  const [v2, v0, session] = await Promise.all([
    answerTo(directory, question),
    advertisement('upload-pack', directory),
    conversation(directory, Buffer.concat([question, flush]), 'version=2'),
  ])
  return [v2.output.toString(), v0.output.toString(), session.output.toString()]
}

const through = async ({ http, ssh }: Worker, { path }: Shown): Promise<string[]> => {
  const v2 = await http.uploadPack(path, question)
  const v0 = await http.infoRefs(path, 'upload-pack')
  const session = await ssh.uploadPack(path, Buffer.concat([question, flush]), 'version=2')
  return [v2.body.toString(), v0.body.toString().slice('001e# service=git-upload-pack\n0000'.length), session.output.toString()]
}

/** Every worker shows what git shows, at once. */
export const seenByAll = async (workers: readonly Worker[], shown: Shown): Promise<void> => {
  const said = await Promise.all(workers.map((worker) => through(worker, shown)))
  const direct = await directly(shown)
  for (const each of said) expect(each).toEqual(direct)
}

import { join } from 'node:path'
import { bareEnvironment } from '../bare-environment.ts'

/** One thing that git is asked to do for the upkeep of a repository. Packs are named `pack-<digest>`, without an ending. */
export type Task =
  | { readonly kind: 'pack-refs' }
  /** One pack of all that is reachable from refs; its digest is git's answer, none where there is nothing. */
  | { readonly kind: 'pack-reachable' }
  /**
   * One pack of all that `fresh` and packs with a `.keep` do not hold, with the time at which each object was last
   * touched; what was touched before `expireBefore` (milliseconds) is left out.
   */
  | {
      readonly kind: 'pack-unreachable'
      readonly fresh: readonly string[]
      readonly old: readonly string[]
      readonly expireBefore: number
    }
  /** One pack of these packs and all loose objects, without what `apart` holds. */
  | { readonly kind: 'pack-together'; readonly packs: readonly string[]; readonly apart: readonly string[] }
  /** One index over these packs, with the bitmap. */
  | { readonly kind: 'index'; readonly packs: readonly string[]; readonly preferred: string }
  /** `whole` forgets commits that are gone. */
  | { readonly kind: 'commit-graph'; readonly whole: boolean }
  /** Fails where anything that a ref leads to is not in this folder of objects. */
  | { readonly kind: 'check'; readonly objects: string }
  /** Fails where an object is broken, or where anything that a ref leads to is missing. */
  | { readonly kind: 'fsck' }
  /** Removes loose objects that are in packs too. */
  | { readonly kind: 'prune-packed' }
  /** Removes loose objects that nothing leads to and that are older than this, in milliseconds. */
  | { readonly kind: 'prune'; readonly expireBefore: number }

export type TaskKind = Task['kind']

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z')

const packing = ['--honor-pack-keep', '--non-empty', '--delta-base-offset', '-q']

/** The words after `git --git-dir=…`. Nothing in them comes from a client. */
export const wordsOf = (task: Task, directory: string): readonly string[] => {
  const packs = ['--', join(directory, 'objects/pack/pack')]
  switch (task.kind) {
    case 'pack-refs':
      return ['pack-refs', '--all']
    case 'pack-reachable':
      return ['pack-objects', '--all', '--reflog', '--indexed-objects', '--keep-true-parents', ...packing, ...packs]
    case 'pack-unreachable':
      return ['pack-objects', '--cruft', `--cruft-expiration=${instant(task.expireBefore)}`, ...packing, ...packs]
    case 'pack-together':
      return ['pack-objects', '--stdin-packs', '--unpacked', ...packing, ...packs]
    case 'index':
      return [
        'multi-pack-index',
        'write',
        '--bitmap',
        '--stdin-packs',
        `--preferred-pack=${task.preferred}.pack`,
        '--no-progress',
      ]
    case 'commit-graph':
      return [
        'commit-graph',
        'write',
        '--reachable',
        '--changed-paths',
        task.whole ? '--split=replace' : '--split',
        '--no-progress',
      ]
    case 'check':
      return ['rev-list', '--objects', '--all', '--quiet']
    case 'fsck':
      return ['fsck', '--full', '--no-dangling', '--no-progress']
    case 'prune-packed':
      return ['prune-packed', '-q']
    case 'prune':
      return ['prune', `--expire=${instant(task.expireBefore)}`]
  }
}

const linesOf = (names: readonly string[], before: string, behind: string): string =>
  names.map((name) => `${before}${name}${behind}\n`).join('')

/** What git reads on its standard input. */
export const inputOf = (task: Task): string => {
  switch (task.kind) {
    case 'pack-unreachable':
      return linesOf(task.fresh, '', '.pack') + linesOf(task.old, '-', '.pack')
    case 'pack-together':
      return linesOf(task.packs, '', '.pack') + linesOf(task.apart, '^', '.pack')
    case 'index':
      return linesOf(task.packs, '', '.idx')
    default:
      return ''
  }
}

/** One thread, and memory that does not grow with the repository: upkeep runs beside those who are served. */
const settings: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.alternateRefsCommand', 'true'],
  ['core.bigFileThreshold', '50m'],
  // Old packs go when the new ones are there: these have to be on disk, and the index, the bitmap and the refs too.
  ['core.fsync', 'all'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.allow', 'never'],
  ['pack.threads', '1'],
  ['pack.windowMemory', '64m'],
  ['pack.deltaCacheSize', '32m'],
  ['pack.writeReverseIndex', 'true'],
  // What a push may bring is sound (`receive.fsck.*` in `invocation.ts`).
  ['fsck.badTimezone', 'ignore'],
  ['fsck.missingSpaceBeforeDate', 'ignore'],
  ['fsck.zeroPaddedFilemode', 'ignore'],
]

/** @param path our own `PATH` */
export const upkeepEnvironment = (task: Task, path: string | undefined): Record<string, string> => ({
  ...bareEnvironment(settings, path),
  GIT_NO_REPLACE_OBJECTS: '1',
  ...(task.kind === 'check' && { GIT_OBJECT_DIRECTORY: task.objects }),
})

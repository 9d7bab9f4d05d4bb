import type { Admitted } from '../access/decide.ts'
import { bareEnvironment } from './bare-environment.ts'
import { askingOf, type Inquiry } from './inquiry.ts'
import type { HookSetup } from './obligations.ts'

/**
 * The ref advertisement alone; one request of the stateless protocol; a whole session from the advertisement on; or what
 * tags stand for. For the API: one question; the writing of a tag object; the change of refs.
 */
export type Mode = 'advertise' | 'stateless' | 'session' | 'peel' | 'ask' | 'write-tag' | 'change-refs'

/** All that git is told when it starts, but for the admission. */
export interface Invocation {
  readonly mode: Mode
  /** Absolute path of the bare repository, made from its id. */
  readonly directory: string
  /** The client's wish (`version=2`), checked for form. */
  readonly protocol: string | undefined
  /** Largest pack that a push may bring, in bytes. */
  readonly maxPush: number
  readonly hook: HookSetup | undefined
  /** A file that takes git's output by itself. */
  readonly output?: number | undefined
  /** What is asked, in mode `ask`. */
  readonly inquiry?: Inquiry
}

const advertisement = ['--stateless-rpc', '--http-backend-info-refs', '--']

/** Which program in which mode each kind of admission may start. What is not here is not started. */
const programs: Record<Admitted, Partial<Record<Mode, readonly string[]>>> = {
  'upload-pack': {
    advertise: ['upload-pack', '--strict', ...advertisement],
    stateless: ['upload-pack', '--strict', '--stateless-rpc', '--'],
    session: ['upload-pack', '--strict', '--'],
    peel: ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
  },
  'upload-archive': { session: ['upload-archive'] },
  'advertise-push': { advertise: ['receive-pack', ...advertisement] },
  'receive-pack': { stateless: ['receive-pack', '--stateless-rpc', '--'] },
  quarantine: { stateless: ['receive-pack', '--stateless-rpc', '--'] },
  inspect: { ask: [] },
  'change-refs': { 'write-tag': ['hash-object', '-t', 'tag', '-w', '--stdin'], 'change-refs': ['update-ref', '--stdin', '-z'] },
}

/** Whether an admission is one for the API. */
const isOfApi = (admitted: Admitted): boolean => admitted === 'inspect' || admitted === 'change-refs'

/** Whether a program of git is started that finds the repository by an option, and objects by their ids. */
const asksObjects = (admitted: Admitted, mode: Mode): boolean => isOfApi(admitted) || mode === 'peel'

export const argumentsFor = (admitted: Admitted, { mode, directory, inquiry }: Invocation): string[] => {
  const program = programs[admitted][mode]
  if (program === undefined || (mode === 'ask') !== (inquiry !== undefined)) {
    throw new Error(`an admission for ${admitted} starts nothing in mode ${mode}`)
  }
  const asked = inquiry === undefined ? [] : askingOf(inquiry).words
  return asksObjects(admitted, mode) ? [`--git-dir=${directory}`, ...program, ...asked] : [...program, directory]
}

/** Refs that belong to the server; clients neither see nor push them. */
export const hiddenRefs = ['refs/keep-around', 'refs/tmp', 'refs/environments'] as const

/** By these the runners fetch: clients see them and do not push them (Gitaly, `InternalRefPrefixes`). */
const readOnlyRefs = ['refs/pipelines'] as const

const isAmong = (name: string, hidden: readonly string[]): boolean =>
  hidden.some((ref) => name === ref || name.startsWith(`${ref}/`))

export const isHiddenFromAll = (name: string): boolean => isAmong(name, hiddenRefs)

const hiddenFromPushes = [...hiddenRefs, ...readOnlyRefs]

export const isHiddenFromPushes = (name: string): boolean => isAmong(name, hiddenFromPushes)

export const isPush = (admitted: Admitted): boolean => admitted === 'receive-pack' || admitted === 'quarantine'

/**
 * The most that git may ask for at once while it takes a push, in bytes. A few KiB of pack can hold a tree of many GiB,
 * which git would inflate in memory; blobs beyond the threshold below go straight to disk. Half a GiB is where clients
 * stop to send differences, and the list of all objects of a pack has to fit too.
 */
const largestOfPush = (maxPush: number): number => Math.max(512 * 2 ** 20, Math.ceil(maxPush / 4))

/**
 * The same while it answers a question of the API: git holds commits, trees and tags whole, and many questions may be
 * asked at once. The list of four million commits still fits. A file that is sent may be as large as one that is pushed.
 */
const largestOfQuestion = 96 * 2 ** 20

const largestAllocation = (admitted: Admitted, { inquiry, maxPush }: Invocation): number | undefined => {
  if (inquiry !== undefined && inquiry.kind !== 'blob') return largestOfQuestion
  return isPush(admitted) || isOfApi(admitted) ? largestOfPush(maxPush) : undefined
}

/**
 * From which size on git streams a blob instead of holding it and looking for deltas: lower where the objects are the
 * client's, and for a fetch as GitLab's own git server has it (Gitaly, `core.bigFileThreshold`). Lines are compared in
 * smaller files alone: for each byte of them git may take fifty while it does that.
 */
const bigFileThreshold = (admitted: Admitted, { inquiry }: Invocation): string => {
  if (inquiry?.kind === 'stats' || inquiry?.kind === 'diff') return '4m'
  return isPush(admitted) ? '16m' : '50m'
}

const settings = (admitted: Admitted, invocation: Invocation): readonly (readonly [string, string])[] => [
  // The path comes from an id, never from a client, so ownership says nothing here.
  ['safe.directory', '*'],
  ['core.bigFileThreshold', bigFileThreshold(admitted, invocation)],
  ['core.hooksPath', invocation.hook?.directory ?? '/dev/null'],
  ['core.fsmonitor', 'false'],
  // Small pushes become loose objects, which git does not sync by default.
  ['core.fsync', 'all'],
  // Without this, each check of a push lists every ref of its own repository once more.
  ['core.alternateRefsCommand', 'true'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.allow', 'never'],
  ...hiddenRefs.map((ref) => ['transfer.hideRefs', ref] as const),
  ...readOnlyRefs.map((ref) => ['receive.hideRefs', ref] as const),
  ['receive.autogc', 'false'],
  ['receive.advertisePushOptions', 'true'],
  ['receive.denyNonFastForwards', 'false'],
  ['receive.denyDeletes', 'false'],
  // The rules guard the default branch; should HEAD ever name another one, that stays too.
  ['receive.denyDeleteCurrent', 'refuse'],
  ['receive.fsckObjects', 'true'],
  // Flaws of old, honest histories, which GitLab lets pass too.
  ['receive.fsck.badTimezone', 'ignore'],
  ['receive.fsck.missingSpaceBeforeDate', 'ignore'],
  ['receive.fsck.zeroPaddedFilemode', 'ignore'],
  ['receive.maxInputSize', String(invocation.maxPush)],
  ['receive.updateServerInfo', 'false'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['uploadarchive.allowUnreachable', 'false'],
]

const allocationVariable = (admitted: Admitted, invocation: Invocation): Record<string, string> => {
  const largest = largestAllocation(admitted, invocation)
  return largest === undefined ? {} : { GIT_ALLOC_LIMIT: String(largest) }
}

/** The environment of git, built from nothing: no variable of ours or of the client's comes along unless it is named here. */
export const environmentFor = (admitted: Admitted, invocation: Invocation, path: string | undefined): Record<string, string> => ({
  ...bareEnvironment(settings(admitted, invocation), path),
  // Whoever may push at all could show other objects in the place of protected ones.
  ...(asksObjects(admitted, invocation.mode) && { GIT_LITERAL_PATHSPECS: '1', GIT_NO_REPLACE_OBJECTS: '1' }),
  ...allocationVariable(admitted, invocation),
  ...(invocation.protocol !== undefined && { GIT_PROTOCOL: invocation.protocol }),
  ...(invocation.hook && { SALLYPORT_OBLIGATIONS: invocation.hook.obligationsFile }),
})

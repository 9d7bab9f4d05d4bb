import type { GitService } from '../core/action.ts'
import { splitWords } from './shell-words.ts'

/** What a client asked to run, in our words. */
export type Command =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'git'; readonly service: GitService; readonly path: string }
  /** A known command with the wrong words behind it. */
  | { readonly kind: 'disallowed'; readonly service: GitService }
  | { readonly kind: 'bad-path'; readonly service: GitService }
  /** `shown` is safe for a terminal. */
  | { readonly kind: 'unknown'; readonly shown: string }
  | { readonly kind: 'unparsable' }

/** Longest exec line that is looked at, in characters. */
const longestLine = 4096
const longestShown = 200

const services: Readonly<Record<string, GitService>> = {
  'git-upload-pack': 'upload-pack',
  'git-receive-pack': 'receive-pack',
  'git-upload-archive': 'upload-archive',
}

const serviceOf = (name: string | undefined): GitService | undefined =>
  name !== undefined && Object.hasOwn(services, name) ? services[name] : undefined

/** Git for Windows writes `git upload-pack` where others write `git-upload-pack` (gitlab-shell, `commandargs`). */
const joinGit = (words: readonly string[]): readonly string[] => {
  const [first, second, ...rest] = words
  return first === 'git' && second !== undefined ? [`git-${second}`, ...rest] : words
}

const segment = /^[^/\\\p{Cc}]{1,255}$/u
const isPlain = (part: string): boolean => segment.test(part) && part !== '.' && part !== '..' && !part.startsWith('~')

/**
 * The project's full path out of `/group/project.git` and its variants. `undefined` for what cannot be one: empty
 * parts, `.` and `..`, `~`, backslashes, control characters.
 */
const projectPathOf = (argument: string): string | undefined => {
  const path = argument
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
  return path.split('/').every(isPlain) ? path : undefined
}

const shown = (line: string): string => line.replace(/\p{C}/gu, '?').slice(0, longestShown)

/** Reads an exec request's line. Never throws. */
export const parseExec = (line: string): Command => {
  if (line.length > longestLine || line.includes('\0')) return { kind: 'unparsable' }
  const words = splitWords(line)
  if (words === undefined) return { kind: 'unparsable' }
  if (words.length === 0) return { kind: 'welcome' }
  const [name, argument, ...more] = joinGit(words)
  const service = serviceOf(name)
  if (service === undefined) return { kind: 'unknown', shown: shown(line) }
  if (argument === undefined || more.length > 0) return { kind: 'disallowed', service }
  const path = projectPathOf(argument)
  return path === undefined ? { kind: 'bad-path', service } : { kind: 'git', service, path }
}

/** The one environment variable that a client may set, where its value has git's form (`version=2`). */
export const gitProtocolOf = (name: string, value: string): string | undefined =>
  name === 'GIT_PROTOCOL' && /^[A-Za-z0-9=:.,_-]{1,256}$/.test(value) ? value : undefined

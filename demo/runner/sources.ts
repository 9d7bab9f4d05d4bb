import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { version } from './coordinator.ts'
import type { Payload } from './payload.ts'
import { type ProgramOptions, runProgram } from './program.ts'

const withoutLogin = (address: string): string => {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}

/** The scheme, the login and the host: what stands before the path. */
const originWithLogin = (address: string): string => {
  const url = new URL(address)
  return `${url.protocol}//${url.username}:${url.password}@${url.host}`
}

const insteadOf = (shown: string, used: string): string => `[url "${used}"]\n\tinsteadOf = ${shown}\n`

/** The remote has no token; this file, beside the working copy, puts it in front of what goes to this server. */
const configurationFor = (address: string): string =>
  insteadOf(withoutLogin(address), address) + insteadOf(new URL(address).origin, originWithLogin(address))

export interface SourceOptions extends ProgramOptions {
  /** A folder beside the working copy. */
  readonly aside: string
}

const prepare = async (payload: Payload, { cwd, aside }: SourceOptions): Promise<string[][]> => {
  const [template, configuration] = [join(aside, 'git-template'), join(aside, 'external-gitconfig')]
  await mkdir(template, { recursive: true })
  await writeFile(configuration, configurationFor(payload.git_info.repo_url), { mode: 0o600 })
  return [
    ['init', '--quiet', cwd, '--template', template],
    ['remote', 'add', 'origin', withoutLogin(payload.git_info.repo_url)],
    ['config', 'include.path', configuration],
  ]
}

const fetchWords = ({ git_info: { refspecs, depth } }: Payload): string[] => [
  '-c',
  `http.userAgent=gitlab-runner ${version} linux/amd64`,
  'fetch',
  'origin',
  '--no-recurse-submodules',
  ...refspecs,
  ...(depth > 0 ? ['--depth', String(depth)] : []),
  '--prune',
  '--quiet',
]

/** Makes the working copy as gitlab-runner does; resolves with the exit code of the first command that fails, or 0. */
export const getSources = async (payload: Payload, options: SourceOptions): Promise<number> => {
  const { sha } = payload.git_info
  const commands = [...(await prepare(payload, options)), fetchWords(payload), ['checkout', '-f', '-q', sha], ['clean', '-ffdx']]
  for (const words of commands) {
    const code = await runProgram('git', words, { ...options, env: { ...options.env, GIT_TERMINAL_PROMPT: '0' } })
    if (code !== 0) return code
  }
  return 0
}

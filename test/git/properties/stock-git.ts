import { spawn } from 'node:child_process'

/** What the server promises of its refs and packs, written down a second time. */
const promised: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['transfer.hideRefs', 'refs/keep-around'],
  ['transfer.hideRefs', 'refs/tmp'],
  ['transfer.hideRefs', 'refs/environments'],
  ['receive.hideRefs', 'refs/pipelines'],
  ['receive.advertisePushOptions', 'true'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
]

export interface Said {
  readonly code: number | null
  readonly output: Buffer
  readonly errors: string
}

export interface Asking {
  readonly protocol?: string | undefined
  readonly input?: Buffer
}

const environment = { HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }

/** The git of this machine with the server's promises, on a repository that the server has too. */
export const stockGit = (words: readonly string[], { protocol, input }: Asking = {}): Promise<Said> =>
  new Promise((resolve, reject) => {
    const settings = promised.flatMap(([key, value]) => ['-c', `${key}=${value}`])
    const env = { PATH: process.env['PATH'], ...environment, ...(protocol !== undefined && { GIT_PROTOCOL: protocol }) }
    const git = spawn('git', [...settings, ...words], { env, stdio: 'pipe' })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    git.stdout.on('data', (bytes: Buffer) => output.push(bytes))
    git.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
    git.stdin.on('error', () => {})
    git.on('error', reject)
    git.on('close', (code) => resolve({ code, output: Buffer.concat(output), errors: Buffer.concat(errors).toString() }))
    git.stdin.end(input ?? Buffer.alloc(0))
  })

/** For what has to work: its output without the last line feed. */
export const mustGit = async (words: readonly string[], asking?: Asking): Promise<string> => {
  const { code, output, errors } = await stockGit(words, asking)
  if (code !== 0) throw new Error(`git ${words.join(' ')}: ${errors}`)
  return output.toString().trimEnd()
}

export const advertisement = (service: string, directory: string, protocol?: string): Promise<Said> =>
  stockGit([service, '--stateless-rpc', '--http-backend-info-refs', directory], { protocol })

export const answerTo = (directory: string, input: Buffer, protocol = 'version=2'): Promise<Said> =>
  stockGit(['upload-pack', '--stateless-rpc', directory], { protocol, input })

/** A whole conversation, as over SSH. */
export const conversation = (directory: string, input: Buffer, protocol?: string): Promise<Said> =>
  stockGit(['upload-pack', directory], { protocol, input })

import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { run } from './processes.ts'
import type { Credentials } from './server.ts'

const settings = (credentials: string): string => `[user]
\tname = Ada
\temail = ada@example.com
[credential]
\thelper = store --file=${credentials}
[gc]
\tauto = 0
[maintenance]
\tauto = false
`

/** The key exchange is fixed, so that both servers do the same cryptography. */
const sshSettings = {
  StrictHostKeyChecking: 'no',
  UserKnownHostsFile: '/dev/null',
  LogLevel: 'ERROR',
  BatchMode: 'yes',
  IdentitiesOnly: 'yes',
  IdentityAgent: 'none',
  KexAlgorithms: 'curve25519-sha256',
  SendEnv: 'GIT_PROTOCOL',
}

const sshFlags = (keyFile: string): string[] => [
  ...['-F', 'none', '-i', keyFile, '-c', 'aes128-gcm@openssh.com'],
  ...Object.entries(sshSettings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
]

/** Somebody with stock git and OpenSSH, a token in git's credential store and a key. */
export class Client {
  readonly #directory: string
  readonly #known = new Set<string>()
  readonly credentials: Credentials
  /** Where the private key lies. */
  readonly keyFile: string
  #clones = 0

  private constructor(directory: string, credentials: Credentials) {
    this.#directory = directory
    this.credentials = credentials
    this.keyFile = join(directory, 'key')
  }

  static async make(directory: string): Promise<Client> {
    await mkdir(directory)
    const key = join(directory, 'key')
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', key])
    const token = `glpat-${randomBytes(15).toString('base64url')}`
    await writeFile(join(directory, 'gitconfig'), settings(join(directory, 'credentials')))
    return new Client(directory, { login: 'root', token, publicKey: (await readFile(`${key}.pub`, 'utf8')).trim() })
  }

  /** Runs git as this person. */
  async git(arguments_: readonly string[]): Promise<string> {
    return run('git', arguments_, { env: this.#environment() })
  }

  /** Lets git know the token for the servers at these addresses. */
  async remember(url: string): Promise<void> {
    const { login, token } = this.credentials
    const address = new URL(url)
    this.#known.add(`http://${login}:${token}@${encodeURIComponent(address.host)}\n`)
    const file = join(this.#directory, 'credentials')
    await writeFile(file, [...this.#known].join(''))
    await chmod(file, 0o600)
  }

  /** A full fetch into a new folder, which `sweep` removes. */
  async clone(url: string): Promise<void> {
    this.#clones += 1
    await this.git(['clone', '-q', '--bare', '--', url, join(this.#directory, 'clones', String(this.#clones))])
  }

  async sweep(): Promise<void> {
    await rm(join(this.#directory, 'clones'), { recursive: true, force: true })
  }

  async listRemote(url: string): Promise<string> {
    return this.git(['ls-remote', '--', url])
  }

  /** Sends a request of protocol v2 for an answer that is thrown away; returns how long that is, in bytes. */
  async uploadPackOverSsh(url: string, request: string): Promise<number> {
    const { hostname, port, username, pathname } = new URL(url)
    const words = [...sshFlags(this.keyFile), '-p', port, `${username}@${hostname}`, `git-upload-pack '${pathname}'`]
    let length = 0
    await run('ssh', words, {
      env: { ...this.#environment(), GIT_PROTOCOL: 'version=2' },
      input: Readable.from([request]),
      take: (bytes) => {
        length += bytes.length
      },
    })
    return length
  }

  #environment(): Record<string, string | undefined> {
    return {
      PATH: process.env['PATH'],
      HOME: this.#directory,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: join(this.#directory, 'gitconfig'),
      GIT_TERMINAL_PROMPT: '0',
      GIT_SSH_COMMAND: ['ssh', ...sshFlags(this.keyFile)].join(' '),
    }
  }
}

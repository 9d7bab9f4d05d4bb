import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sallyport } from './sallyport.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; nothing of the caller's environment but the search path reaches it. */
export const run = (
  program: string,
  arguments_: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
) =>
  new Promise<Ran>((resolve, reject) => {
    const child = spawn(program, arguments_, {
      cwd: options.cwd,
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
      stdio: 'pipe',
    })
    const out: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(errors).toString() }),
    )
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })

/** A person's machine: a home folder, stock git and OpenSSH, nothing remembered from before. */
export class Client {
  readonly directory: string
  readonly #server: Sallyport

  private constructor(directory: string, server: Sallyport) {
    this.directory = directory
    this.#server = server
  }

  static async make(server: Sallyport): Promise<Client> {
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-client-'))
    await writeFile(
      join(directory, '.gitconfig'),
      '[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n[advice]\n\tdetachedHead = false\n',
    )
    return new Client(directory, server)
  }

  #environment(key?: string): Record<string, string> {
    const options = [
      '-F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR',
      '-o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none',
      key === undefined ? '-o PubkeyAuthentication=no' : `-i ${key}`,
    ]
    return { HOME: this.directory, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C.UTF-8', GIT_SSH_COMMAND: `ssh ${options.join(' ')}` }
  }

  /** @param key private key file, for SSH */
  git(arguments_: readonly string[], options: { cwd?: string; key?: string } = {}): Promise<Ran> {
    return run('git', arguments_, { cwd: options.cwd ?? this.directory, env: this.#environment(options.key) })
  }

  /** `http://login:secret@host/path.git` */
  url(path: string, login?: string, secret?: string): string {
    const url = new URL(`${this.#server.http}/${path}.git`)
    if (login !== undefined) url.username = login
    if (secret !== undefined) url.password = secret
    return url.href
  }

  sshUrl(path: string): string {
    return `ssh://git@${this.#server.ssh.host}:${this.#server.ssh.port}/${path}.git`
  }

  ssh(key: string | undefined, command: readonly string[], extra: readonly string[] = []): Promise<Ran> {
    const [, ...options] = this.#environment(key)['GIT_SSH_COMMAND']?.split(' ') ?? []
    return run('ssh', [...options, ...extra, '-p', String(this.#server.ssh.port), `git@${this.#server.ssh.host}`, ...command], {
      env: { HOME: this.directory },
    })
  }

  /** Makes a key pair; returns the private key's file and the public line. */
  async key(name: string, type = 'ed25519', bits?: number): Promise<{ file: string; line: string }> {
    const file = join(this.directory, `key-${name}`)
    const size = bits === undefined ? [] : ['-b', String(bits)]
    await run('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', name, '-f', file])
    const { stdout } = await run('cat', [`${file}.pub`])
    return { file, line: stdout.trim() }
  }

  /** A new repository with one commit on `branch`. */
  async repository(name: string, branch = 'main'): Promise<string> {
    const directory = join(this.directory, name)
    await mkdir(directory, { recursive: true })
    await this.git(['init', '-q', '-b', branch], { cwd: directory })
    await this.commit(directory, 'first')
    return directory
  }

  async commit(directory: string, message: string): Promise<string> {
    await this.git(['commit', '-q', '--allow-empty', '-m', message], { cwd: directory })
    return (await this.git(['rev-parse', 'HEAD'], { cwd: directory })).stdout.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A git that was broken off may still be writing.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

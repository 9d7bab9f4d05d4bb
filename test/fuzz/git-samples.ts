import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, run } from '../support/client.ts'
import { rootToken, type Sallyport } from '../support/sallyport.ts'
import { Recorder } from './recorder.ts'
import { requestsIn, type Sample } from './requests.ts'

/**
 * What stock git did, in the folder of a clone. `{url}` stands for the address, `{new}` for a new place, `{behind}` for a
 * clone that lacks the last commit.
 */
const overHttpDone: readonly (readonly string[])[] = [
  ['ls-remote', '{url}'],
  ['-c', 'protocol.version=0', 'clone', '-q', '--bare', '{url}', '{new}'],
  ['-c', 'protocol.version=1', 'ls-remote', '{url}'],
  ['clone', '-q', '--bare', '{url}', '{new}'],
  ['clone', '-q', '--bare', '--depth=1', '--filter=blob:none', '{url}', '{new}'],
  ['--git-dir={behind}', 'fetch', '-q', '--depth=2', '{url}', 'main'],
  ['--git-dir={behind}', 'fetch', '-q', '{url}', 'main'],
  ['push', '-q', '-o', 'ci.skip', '-o', 'anything=else', '{url}', 'HEAD:refs/heads/made'],
  ['push', '-q', '--force', '--atomic', '{url}', 'HEAD~1:refs/heads/made', 'HEAD~1:refs/tags/two'],
  ['push', '-q', '{url}', ':refs/heads/made'],
]

/** The messages are the same as over HTTP, but for how they are strung together; archives are asked for here alone. */
const overSshDone: readonly (readonly string[])[] = [
  ['-c', 'protocol.version=0', '--git-dir={behind}', 'fetch', '-q', '{url}', 'main'],
  ['clone', '-q', '--bare', '--depth=1', '--filter=blob:none', '{url}', '{new}'],
  ['push', '-q', '-o', 'ci.skip', '{url}', 'HEAD:refs/heads/over-ssh'],
  ['archive', '--format=zip', '--prefix=x/', '--remote={url}', '-o', '{new}', 'main', 'README.md'],
]

/** A command over SSH with what was sent to it. */
export interface SshSample {
  readonly line: string
  readonly protocol: string | undefined
  readonly input: Buffer
}

export interface GitSamples {
  readonly http: readonly Sample[]
  readonly ssh: readonly SshSample[]
  /** What OpenSSH says before anything is encrypted. */
  readonly greeting: Buffer
}

interface Studio {
  readonly server: Sallyport
  readonly client: Client
  /** `group/project` */
  readonly path: string
  readonly clone: string
  readonly key: string
}

const newPlace = (): string => `new-${randomBytes(4).toString('hex')}`

/** Does all of it, one thing after the other; `git` throws where git could not. */
const doAll = async (
  { client, clone }: Studio,
  url: string,
  doings: readonly (readonly string[])[],
  git: (words: readonly string[]) => Promise<void>,
): Promise<void> => {
  for (const words of doings) {
    const behind = join(client.directory, newPlace())
    if (words.includes('--git-dir={behind}')) {
      await client.git(['clone', '-q', '--no-local', '--bare', '--single-branch', '-b', 'old', clone, behind])
    }
    const place = join(client.directory, newPlace())
    await git(words.map((word) => word.replace('{url}', url).replace('{new}', place).replace('{behind}', behind)))
  }
}

const overHttp = async (studio: Studio): Promise<Sample[]> => {
  const { client, path, clone } = studio
  const { hostname, port } = new URL(studio.server.http)
  const recorder = await Recorder.before(hostname, Number(port))
  try {
    const url = `http://git:${rootToken}@127.0.0.1:${recorder.port}/${path}.git`
    await doAll(studio, url, overHttpDone, async (words) => {
      const { code, stderr } = await client.git(words, { cwd: clone })
      if (code !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
    })
    return recorder.take().flatMap(requestsIn)
  } finally {
    recorder.close()
  }
}

/** Git starts this in place of ssh: it keeps the command, the protocol and what git says. */
const writeWiretap = async ({ client, server, key }: Studio, tape: string): Promise<string> => {
  const options =
    '-F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes'
  const file = join(client.directory, 'wiretap')
  const lines = [
    'for last; do :; done',
    `printf '%s' "$last" > '${tape}.line'`,
    `printf '%s' "$GIT_PROTOCOL" > '${tape}.protocol'`,
    `tee '${tape}.input' | ssh ${options} -o SendEnv=GIT_PROTOCOL -i '${key}' -p ${server.ssh.port} git@127.0.0.1 "$last"`,
  ]
  await writeFile(file, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o700 })
  return file
}

const readTape = async (tape: string): Promise<SshSample> => {
  const [line, protocol, input] = await Promise.all(['line', 'protocol', 'input'].map((part) => readFile(`${tape}.${part}`)))
  if (line === undefined || protocol === undefined || input === undefined) throw new Error('nothing was recorded')
  await Promise.all(['line', 'protocol', 'input'].map((part) => rm(`${tape}.${part}`)))
  return { line: line.toString(), protocol: protocol.length === 0 ? undefined : protocol.toString(), input }
}

const overSsh = async (studio: Studio): Promise<SshSample[]> => {
  const { client, path, clone } = studio
  const tape = join(client.directory, 'tape')
  const env = { HOME: client.directory, GIT_SSH: await writeWiretap(studio, tape), GIT_SSH_VARIANT: 'ssh' }
  const samples: SshSample[] = []
  await doAll(studio, `ssh://git@127.0.0.1/${path}.git`, overSshDone, async (words) => {
    const { code, stderr } = await run('git', words, { cwd: clone, env })
    if (code !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
    samples.push(await readTape(tape))
  })
  return samples
}

/** RFC 4253, 4.2 and 6: a line, then packets of which the first four bytes tell the length. `NEWKEYS` is the last in the open. */
const openPart = (bytes: Buffer): Buffer => {
  let at = bytes.indexOf('\n') + 1
  while (at + 6 <= bytes.length) {
    const isLast = bytes[at + 5] === 21
    at += 4 + bytes.readUInt32BE(at)
    if (isLast) break
  }
  return bytes.subarray(0, at)
}

const greeting = async ({ server, client, key }: Studio): Promise<Buffer> => {
  const recorder = await Recorder.before(server.ssh.host, server.ssh.port)
  try {
    const options = ['-F', '/dev/null', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-i', key]
    await run('ssh', [...options, '-p', String(recorder.port), 'git@127.0.0.1'], { env: { HOME: client.directory } })
    return openPart(recorder.take()[0] ?? Buffer.alloc(0))
  } finally {
    recorder.close()
  }
}

/** Has git and ssh do what they do, and keeps what they said. What was pushed is there afterwards. */
export const recordGit = async (studio: Studio): Promise<GitSamples> => ({
  http: await overHttp(studio),
  ssh: await overSsh(studio),
  greeting: await greeting(studio),
})

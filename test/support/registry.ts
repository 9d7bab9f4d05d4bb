import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { type Ran, run } from './client.ts'

/** An address that was free a moment ago, for a program that cannot ask for a free one itself. */
export const freeAddress = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `127.0.0.1:${port}`
}

/** Debian's docker-registry, in a process of its own on throw-away files. */
export class Registry {
  readonly address: string
  readonly directory: string
  #child: ChildProcess | undefined

  private constructor(address: string, directory: string) {
    this.address = address
    this.directory = directory
  }

  /** @param lines of its configuration file, besides those on where it listens and stores */
  static async start(address: string, lines: string): Promise<Registry> {
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-registry-'))
    const registry = new Registry(address, directory)
    const storage = `storage:\n  filesystem: {rootdirectory: ${directory}/data}\n  delete: {enabled: true}\n`
    const own = `version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\n${storage}http:\n  addr: ${address}\n`
    await writeFile(join(directory, 'config.yml'), own + lines)
    await registry.restart()
    return registry
  }

  /** Starts it, anew where it runs. Rejects where it ends before it listens. */
  async restart(): Promise<void> {
    await this.#stop()
    const child = spawn('docker-registry', ['serve', join(this.directory, 'config.yml')], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    const said: string[] = []
    await new Promise<void>((resolve, reject) => {
      if (child.stderr === null) throw new Error('no pipe')
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line)
        if (line.includes('listening on')) resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`the registry ended with ${code}: ${said.slice(-5).join('\n')}`)))
    })
  }

  async #stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    await rm(this.directory, { recursive: true, force: true })
  }
}

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const described = (mediaType: string, content: Buffer) => ({
  mediaType,
  digest: `sha256:${digestOf(content)}`,
  size: content.length,
})

/**
 * Writes an image of one layer as an OCI layout (image-spec, "Image Layout"); no two are the same.
 * @param content of the layer; an empty archive where none is given
 */
export const writeImage = async (directory: string, content: Buffer = Buffer.alloc(1024)): Promise<void> => {
  const blobs = join(directory, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const keep = async (mediaType: string, bytes: Buffer) => {
    await writeFile(join(blobs, digestOf(bytes)), bytes)
    return described(mediaType, bytes)
  }
  const layer = gzipSync(content)
  const layers = [await keep('application/vnd.oci.image.layer.v1.tar+gzip', layer)]
  const configuration = {
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { made: randomUUID() } },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digestOf(content)}`] },
  }
  const config = await keep('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(configuration)))
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers }))
  const listed = await keep('application/vnd.oci.image.manifest.v1+json', manifest)
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' }
  await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...listed, annotations }] }))
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
}

/** A login and its secret; undefined: nobody in particular. */
export type Login = readonly [login: string, secret: string] | undefined

/** skopeo on somebody's machine, against one registry. */
export class Skopeo {
  readonly directory: string
  readonly #address: string
  #files = 0

  private constructor(directory: string, address: string) {
    this.directory = directory
    this.#address = address
  }

  static async make(address: string): Promise<Skopeo> {
    return new Skopeo(await mkdtemp(join(tmpdir(), 'sallyport-skopeo-')), address)
  }

  /** Writes a login where skopeo looks for it: never on its command line. */
  async #authorized(login: Login): Promise<string> {
    this.#files += 1
    const file = join(this.directory, `auth-${this.#files}.json`)
    const auths = login === undefined ? {} : { [this.#address]: { auth: Buffer.from(login.join(':')).toString('base64') } }
    await writeFile(file, JSON.stringify({ auths }), { mode: 0o600 })
    return file
  }

  #run(words: readonly string[], file: string, input = ''): Promise<Ran> {
    const env = { HOME: this.directory, REGISTRY_AUTH_FILE: file, LC_ALL: 'C.UTF-8' }
    return run('skopeo', ['--insecure-policy', ...words], { env, input })
  }

  /** A new image, as `push` takes it. */
  async image(content?: Buffer): Promise<string> {
    this.#files += 1
    const directory = join(this.directory, `image-${this.#files}`)
    await writeImage(directory, content)
    return `oci:${directory}:latest`
  }

  /** As a person does it first: nothing is asked for yet. */
  async login([name, secret]: readonly [string, string]): Promise<Ran> {
    const words = ['login', '--tls-verify=false', '-u', name, '--password-stdin', this.#address]
    return this.#run(words, join(this.directory, 'login.json'), `${secret}\n`)
  }

  async push(image: string, name: string, login: Login): Promise<Ran> {
    return this.#run(['copy', '-q', '--dest-tls-verify=false', image, this.#at(name)], await this.#authorized(login))
  }

  async pull(name: string, login: Login): Promise<Ran> {
    this.#files += 1
    const target = `oci:${join(this.directory, `pulled-${this.#files}`)}:latest`
    return this.#run(['copy', '-q', '--src-tls-verify=false', this.#at(name), target], await this.#authorized(login))
  }

  async copy(from: string, to: string, login: Login): Promise<Ran> {
    const words = ['copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false', this.#at(from), this.#at(to)]
    return this.#run(words, await this.#authorized(login))
  }

  async remove(name: string, login: Login): Promise<Ran> {
    return this.#run(['delete', '--tls-verify=false', this.#at(name)], await this.#authorized(login))
  }

  #at(name: string): string {
    return `docker://${this.#address}/${name}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
  }
}

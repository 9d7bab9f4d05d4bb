import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { writeCommit, writeTree } from '../git/properties/object-pool.ts'
import { band, packetsOf } from '../git/properties/packets.ts'
import type { Scene } from '../journeys/scene.ts'
import { type StalledFetch, stalledFetch } from '../journeys/stalled-fetch.ts'

/** A client of one fetch that reads as far as it is told. */
export class Reader {
  readonly #answer: IncomingMessage
  readonly #chunks: Buffer[] = []
  readonly #closed: Promise<void>
  #size = 0

  private constructor(answer: IncomingMessage) {
    this.#answer = answer
    this.#closed = new Promise((resolve) => answer.once('close', () => resolve()))
    answer.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
    })
    answer.on('error', () => {})
    answer.pause()
  }

  static async begin(fetch: StalledFetch): Promise<Reader> {
    return new Reader(await stalledFetch(fetch))
  }

  get status(): number | undefined {
    return this.#answer.statusCode
  }

  /** Reads at least so many bytes and stands still then. */
  async read(bytes: number): Promise<void> {
    const until = this.#size + bytes
    this.#answer.resume()
    while (this.#size < until && !this.#answer.closed) await new Promise((resolve) => this.#answer.once('data', resolve))
    this.#answer.pause()
  }

  /** All that came; undefined where it broke off before its end. */
  async whole(): Promise<Buffer | undefined> {
    this.#answer.resume()
    await this.#closed
    return this.#answer.complete ? Buffer.concat(this.#chunks) : undefined
  }

  leave(): void {
    this.#answer.destroy()
  }
}

/** Whether an answer holds a pack to its last byte. */
export const holdsPack = (answer: Buffer | undefined): boolean => {
  if (answer === undefined || packetsOf(answer).at(-1) !== 'flush') return false
  const pack = band(answer, 1)
  const sum = createHash('sha1').update(pack.subarray(0, -20)).digest()
  return pack.toString('latin1', 0, 4) === 'PACK' && sum.equals(pack.subarray(-20))
}

export const directoryOf = (scene: Scene, project: string): string =>
  new Repositories(join(scene.server.home, 'repos')).directoryOf(scene.id(project) as ProjectId)

/** Noise that lies in the repository uncompressed, so that git takes its time to make a pack of it. */
const writeNoise = (directory: string, bytes: number): string => {
  const content = Buffer.concat([Buffer.from(`blob ${bytes}\0`), randomBytes(bytes)])
  const id = createHash('sha1').update(content).digest('hex')
  mkdirSync(join(directory, 'objects', id.slice(0, 2)), { recursive: true })
  writeFileSync(join(directory, 'objects', id.slice(0, 2), id.slice(2)), deflateSync(content, { level: 0 }))
  return id
}

/** The tree of commits that take their time: each commit with it is another fetch, of so many bytes. */
export const writeHeavyTree = (directory: string, megabytes: number): string => {
  const noise = Array.from({ length: megabytes / 4 }, (_, at) => [`noise-${at}`, writeNoise(directory, 4 * 2 ** 20)] as const)
  return writeTree(directory, Object.fromEntries(noise))
}

/** A new tip of a branch, as from somebody who works in the repository itself. */
export const writeTip = (directory: string, tree: string, name: string): string => {
  const id = writeCommit(directory, tree, [], name)
  writeFileSync(join(directory, 'refs/heads', name), `${id}\n`)
  return id
}

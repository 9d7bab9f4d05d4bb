import type { FileHandle } from 'node:fs/promises'
import { digestOf, formatNumber, type Heading, type Part, PartSum, parseContents, parseHeading } from './contents.ts'
import type { Listener } from './listening.ts'
import { partOf, places } from './places.ts'
import { blockSize, padding, parseHeader, type TarEntry } from './tar-header.ts'

/** The file is no backup, or not as it was made. */
export class BrokenBackup extends Error {}

const pieceSize = 1024 * 1024

/** In bytes. */
const longestHeading = 64 * 1024

/** It has a line for each repository, in bytes. */
const longestContents = 256 * 1024 * 1024

/** Takes one file of the archive. Its bytes are to be read before this resolves. */
export type TakeFile = (entry: TarEntry, content: AsyncIterable<Buffer>) => Promise<void>

const damaged = (what: string): BrokenBackup => new BrokenBackup(`it is damaged: ${what}`)

const noBackup = (): BrokenBackup => new BrokenBackup('it is no backup of this server')

/** Reads an archive from its beginning to its end, and checks that all is there as it was written. */
export class ArchiveReader {
  readonly #handle: FileHandle
  readonly #onPart: (part: Part) => void
  readonly #onBytes: (bytes: number) => void
  readonly #signal: AbortSignal
  readonly #parts: Part[] = []
  #at = 0
  #sum: PartSum | undefined
  #heading = ''

  /** @param signal ends the reading, also in the midst of a file */
  constructor(handle: FileHandle, { onPart, onBytes }: Listener, signal: AbortSignal) {
    this.#handle = handle
    this.#signal = signal
    this.#onPart = onPart
    this.#onBytes = onBytes
  }

  /** What stands first. Throws `BrokenBackup`. */
  async heading(): Promise<Heading> {
    const entry = parseHeader(await this.#read(blockSize))
    if (entry === undefined || entry === 'end' || entry.path !== places.heading) throw noBackup()
    const text = await this.#text(entry, longestHeading)
    const heading = parseHeading(text.toString('utf8'))
    this.#heading = digestOf(text)
    if (heading === undefined) throw noBackup()
    if (heading.format === formatNumber) return heading
    throw new BrokenBackup(`it was made by version ${JSON.stringify(heading.version)}, whose backups this version cannot read`)
  }

  /** All files, up to the list of contents, with which the sums of what came are compared. Throws `BrokenBackup`. */
  async files(take: TakeFile): Promise<readonly Part[]> {
    for (;;) {
      const entry = parseHeader(await this.#read(blockSize))
      if (entry === undefined || entry === 'end') throw damaged('a file in it has no beginning')
      if (entry.path === places.contents) return this.#end(await this.#text(entry, longestContents))
      this.#enter(entry)
      await take(entry, this.#content(entry))
      await this.#zeros(padding(entry.size))
    }
  }

  #enter(entry: TarEntry): void {
    const part = partOf(entry.path)
    if (part === undefined) throw new BrokenBackup(`${JSON.stringify(entry.path)} stands in no backup of this server`)
    if (part !== this.#sum?.name) this.#endPart()
    this.#sum ??= new PartSum(part)
    this.#sum.begin(entry)
  }

  async *#content({ size }: TarEntry): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      const piece = await this.#read(Math.min(left, pieceSize))
      left -= piece.length
      this.#sum?.add(piece)
      this.#onBytes(piece.length)
      yield piece
    }
  }

  #endPart(): void {
    const part = this.#sum?.end()
    this.#sum = undefined
    if (part === undefined) return
    this.#parts.push(part)
    this.#onPart(part)
  }

  /** The list of contents is the last file, and what ends an archive is the last of all. */
  async #end(text: Buffer): Promise<readonly Part[]> {
    this.#endPart()
    await this.#zeros(2 * blockSize)
    const { bytesRead } = await this.#handle.read(Buffer.alloc(1), 0, 1, this.#at)
    if (bytesRead > 0) throw damaged('something stands behind its end')
    const contents = parseContents(text.toString('utf8'))
    if (contents === undefined) throw damaged('its list of contents cannot be read')
    if (contents.heading !== this.#heading) throw damaged('its heading is not as it was written')
    return this.#compare(contents.parts)
  }

  #compare(listed: readonly Part[]): readonly Part[] {
    const found = new Map(this.#parts.map((part) => [part.name, part]))
    for (const { name, files, bytes, digest } of listed) {
      const part = found.get(name)
      if (part?.digest === digest && part.files === files && part.bytes === bytes) continue
      throw damaged(`${JSON.stringify(name)} is not as it was written`)
    }
    if (found.size === listed.length && this.#parts.length === found.size) return this.#parts
    throw damaged('it holds more than its list of contents says')
  }

  async #text(entry: TarEntry, longest: number): Promise<Buffer> {
    if (entry.size > longest) throw noBackup()
    const bytes = await this.#read(entry.size)
    await this.#zeros(padding(entry.size))
    return bytes
  }

  async #zeros(size: number): Promise<void> {
    const bytes = await this.#read(size)
    if (bytes.some((byte) => byte !== 0)) throw damaged('something stands where nothing was written')
  }

  /** Exactly so many bytes. */
  async #read(size: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(size)
    for (let filled = 0; filled < size; ) {
      this.#signal.throwIfAborted()
      const { bytesRead } = await this.#handle.read(buffer, filled, size - filled, this.#at)
      if (bytesRead === 0) throw damaged('its end is missing')
      filled += bytesRead
      this.#at += bytesRead
    }
    return buffer
  }
}

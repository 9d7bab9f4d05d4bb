import type { FileHandle } from 'node:fs/promises'
import { formatNumber, type Heading, type Part, PartSum, parseContents, parseHeading } from './contents.ts'
import { partOf, places } from './places.ts'
import { blockSize, padding, parseHeader, type TarEntry } from './tar-header.ts'

/** The file is no backup, or not as it was made. */
export class BrokenBackup extends Error {}

const pieceSize = 1024 * 1024

/** Of a text of our own, in bytes: the list of contents has a line for each repository. */
const longestText = 256 * 1024 * 1024

/** Takes one file of the archive. Its bytes are to be read before this resolves. */
export type TakeFile = (entry: TarEntry, content: AsyncIterable<Buffer>) => Promise<void>

const noBackup = (): BrokenBackup => new BrokenBackup('it is no backup of this server')

/** Reads an archive from its beginning to its end, and checks that all is there as it was written. */
export class ArchiveReader {
  readonly #handle: FileHandle
  readonly #onPart: (part: Part) => void
  readonly #parts: Part[] = []
  #at = 0
  #sum: PartSum | undefined

  constructor(handle: FileHandle, onPart: (part: Part) => void) {
    this.#handle = handle
    this.#onPart = onPart
  }

  /** What stands first. Throws `BrokenBackup`. */
  async heading(): Promise<Heading> {
    const entry = parseHeader(await this.#read(blockSize))
    if (entry === undefined || entry === 'end' || entry.path !== places.heading) throw noBackup()
    const heading = parseHeading(await this.#text(entry))
    if (heading === undefined) throw noBackup()
    if (heading.format === formatNumber) return heading
    throw new BrokenBackup(`it was made by version ${JSON.stringify(heading.version)}, whose backups this version cannot read`)
  }

  /** All files, up to the list of contents, with which the sums of what came are compared. Throws `BrokenBackup`. */
  async files(take: TakeFile): Promise<readonly Part[]> {
    for (;;) {
      const entry = parseHeader(await this.#read(blockSize))
      if (entry === undefined || entry === 'end') throw new BrokenBackup('it is damaged: a file in it has no beginning')
      if (entry.path === places.contents) return this.#compare(await this.#text(entry))
      this.#enter(entry)
      await take(entry, this.#content(entry))
      await this.#read(padding(entry.size))
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

  #compare(text: string): readonly Part[] {
    this.#endPart()
    const contents = parseContents(text)
    if (contents === undefined) throw new BrokenBackup('it is damaged: its list of contents cannot be read')
    const found = new Map(this.#parts.map((part) => [part.name, part]))
    for (const { name, files, bytes, digest } of contents.parts) {
      const part = found.get(name)
      if (part?.digest === digest && part.files === files && part.bytes === bytes) continue
      throw new BrokenBackup(`it is damaged: ${JSON.stringify(name)} is not as it was written`)
    }
    if (found.size === contents.parts.length && this.#parts.length === found.size) return this.#parts
    throw new BrokenBackup('it is damaged: it holds more than its list of contents says')
  }

  async #text(entry: TarEntry): Promise<string> {
    if (entry.size > longestText) throw noBackup()
    const bytes = await this.#read(entry.size)
    await this.#read(padding(entry.size))
    return bytes.toString('utf8')
  }

  /** Exactly so many bytes. */
  async #read(size: number): Promise<Buffer> {
    const buffer = Buffer.alloc(size)
    for (let filled = 0; filled < size; ) {
      const { bytesRead } = await this.#handle.read(buffer, filled, size - filled, this.#at)
      if (bytesRead === 0) throw new BrokenBackup('it is damaged: its end is missing')
      filled += bytesRead
      this.#at += bytesRead
    }
    return buffer
  }
}

import type { FileHandle } from 'node:fs/promises'
import { type Contents, digestOf, type Heading, type Part, PartSum } from './contents.ts'
import type { Listener } from './listening.ts'
import { partOf, places } from './places.ts'
import { blockSize, encodeHeader, padding } from './tar-header.ts'

/** Of one read, in bytes. */
const pieceSize = 1024 * 1024

/** A file became shorter while it was copied. */
export class FileShrank extends Error {}

const writeAll = async (handle: FileHandle, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
}

/** Writes a tar archive whose files belong to parts, and sums up each part. Files of one part come one after the other. */
export class ArchiveWriter {
  readonly #handle: FileHandle
  readonly #onPart: (part: Part) => void
  readonly #onBytes: (bytes: number) => void
  readonly #signal: AbortSignal
  readonly #parts: Part[] = []
  readonly #piece = Buffer.allocUnsafe(pieceSize)
  #sum: PartSum | undefined
  #heading = ''

  /** @param signal ends the copying, also in the midst of a file */
  constructor(handle: FileHandle, { onPart, onBytes }: Listener, signal: AbortSignal) {
    this.#handle = handle
    this.#signal = signal
    this.#onPart = onPart
    this.#onBytes = onBytes
  }

  /** Writes what comes first. */
  async begin(heading: Heading): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(heading)}\n`)
    this.#heading = digestOf(bytes)
    await this.add(places.heading, bytes, Date.parse(heading.moment) / 1000)
  }

  /** Writes a small file. */
  async add(path: string, content: Buffer, changedAt: number): Promise<void> {
    await this.#open({ path, size: content.length, changedAt })
    await this.#write(content)
    await this.#pad(content.length)
  }

  /**
   * Writes a file as long as it is now. Throws `FileShrank`.
   * @param most of its beginning, in bytes
   */
  async copy(path: string, source: FileHandle, most = Number.POSITIVE_INFINITY): Promise<void> {
    const { size: whole, mtimeMs } = await source.stat()
    const size = Math.min(whole, most)
    await this.#open({ path, size, changedAt: mtimeMs / 1000 })
    for (let at = 0; at < size; ) {
      this.#signal.throwIfAborted()
      const { bytesRead } = await source.read(this.#piece, 0, Math.min(pieceSize, size - at), at)
      if (bytesRead === 0) throw new FileShrank(`${path} became shorter while it was copied`)
      await this.#write(this.#piece.subarray(0, bytesRead))
      at += bytesRead
    }
    await this.#pad(size)
  }

  /** Writes what says that it is whole; nothing comes after it. */
  async finish(now: number): Promise<readonly Part[]> {
    this.#endPart()
    const contents: Contents = { heading: this.#heading, parts: this.#parts }
    await this.add(places.contents, Buffer.from(`${JSON.stringify(contents)}\n`), now / 1000)
    await writeAll(this.#handle, Buffer.alloc(2 * blockSize))
    return this.#parts
  }

  async #open(entry: Parameters<typeof encodeHeader>[0]): Promise<void> {
    const part = partOf(entry.path)
    if (part !== this.#sum?.name) this.#endPart()
    if (part !== undefined) {
      this.#sum ??= new PartSum(part)
      this.#sum.begin(entry)
    }
    await writeAll(this.#handle, encodeHeader(entry))
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#sum?.add(bytes)
    this.#onBytes(bytes.length)
    await writeAll(this.#handle, bytes)
  }

  #pad(size: number): Promise<void> {
    return writeAll(this.#handle, Buffer.alloc(padding(size)))
  }

  #endPart(): void {
    const part = this.#sum?.end()
    this.#sum = undefined
    if (part === undefined) return
    this.#parts.push(part)
    this.#onPart(part)
  }
}

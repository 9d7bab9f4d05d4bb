import type { FileHandle } from 'node:fs/promises'
import { type Contents, type Part, PartSum } from './contents.ts'
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
  readonly #parts: Part[] = []
  readonly #piece = Buffer.allocUnsafe(pieceSize)
  #sum: PartSum | undefined

  constructor(handle: FileHandle, onPart: (part: Part) => void) {
    this.#handle = handle
    this.#onPart = onPart
  }

  /** Writes a small file. */
  async add(path: string, content: Buffer, changedAt: number): Promise<void> {
    await this.#open({ path, size: content.length, changedAt })
    await this.#write(content)
    await this.#pad(content.length)
  }

  /** Writes a file as long as it is now. Throws `FileShrank`. */
  async copy(path: string, source: FileHandle): Promise<void> {
    const { size, mtimeMs } = await source.stat()
    await this.#open({ path, size, changedAt: mtimeMs / 1000 })
    for (let at = 0; at < size; ) {
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
    const contents: Contents = { parts: this.#parts }
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

import { crc32, inflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** With `/` between; one that ends in it is a folder. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Of the file: its permission bits. */
  readonly mode?: number
}

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50
const localEntry = 0x04034b50
/** Names are UTF-8. */
const utf8 = 0x0800
const madeOnUnix = 3 << 8
const regularFile = 0o100000

const localHeader = ({ name, bytes }: ZipEntry): Buffer => {
  const encoded = Buffer.from(name)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(localEntry, 0)
  header.writeUInt16LE(10, 4)
  header.writeUInt16LE(utf8, 6)
  header.writeUInt32LE(crc32(bytes), 14)
  header.writeUInt32LE(bytes.length, 18)
  header.writeUInt32LE(bytes.length, 22)
  header.writeUInt16LE(encoded.length, 26)
  return Buffer.concat([header, encoded])
}

const centralHeader = ({ name, bytes, mode = 0o644 }: ZipEntry, offset: number): Buffer => {
  const encoded = Buffer.from(name)
  const header = Buffer.alloc(46)
  header.writeUInt32LE(directoryEntry, 0)
  header.writeUInt16LE(madeOnUnix | 10, 4)
  header.writeUInt16LE(10, 6)
  header.writeUInt16LE(utf8, 8)
  header.writeUInt32LE(crc32(bytes), 16)
  header.writeUInt32LE(bytes.length, 20)
  header.writeUInt32LE(bytes.length, 24)
  header.writeUInt16LE(encoded.length, 28)
  header.writeUInt32LE(((regularFile | (mode & 0o777)) << 16) >>> 0, 38)
  header.writeUInt32LE(offset, 42)
  return Buffer.concat([header, encoded])
}

/** An archive whose files are stored as they are, below 4 GiB. */
export const zip = (entries: readonly ZipEntry[]): Buffer<ArrayBuffer> => {
  const parts: Uint8Array[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const header = localHeader(entry)
    directory.push(centralHeader(entry, offset))
    parts.push(header, entry.bytes)
    offset += header.length + entry.bytes.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(endOfDirectory, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

const contentAt = (archive: Buffer, at: number, method: number, size: number): Buffer => {
  const start = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28)
  const stored = archive.subarray(start, start + size)
  return method === 0 ? stored : inflateRawSync(stored)
}

/** The files of an archive that is stored or deflated. Throws where it is none. */
export const unzip = (archive: Buffer): ZipEntry[] => {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end === -1) throw new Error('this is no zip archive')
  const entries: ZipEntry[] = []
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error('the directory of this zip archive is broken')
    const [nameLength, more] = [archive.readUInt16LE(at + 28), archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)]
    entries.push({
      name: archive.subarray(at + 46, at + 46 + nameLength).toString(),
      bytes: contentAt(archive, archive.readUInt32LE(at + 42), archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20)),
      mode: (archive.readUInt32LE(at + 38) >>> 16) & 0o777,
    })
    at += 46 + nameLength + more
  }
  return entries
}

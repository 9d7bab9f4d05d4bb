import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory } from '../git/durable-files.ts'
import { repositoryFolders } from '../git/repositories.ts'
import { codeOf } from '../git/system-errors.ts'
import { type ArchiveReader, BrokenBackup } from './archive-reader.ts'
import type { Part } from './contents.ts'
import { repositoryPlace } from './places.ts'
import type { TarEntry } from './tar-header.ts'

const writeContent = async (handle: FileHandle, content: AsyncIterable<Buffer>): Promise<void> => {
  for await (const piece of content) {
    for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten
  }
}

/** Objects keep their age: those that nothing leads to stay for some days from it. */
const writeFile = async (file: string, { path, changedAt }: TarEntry, content: AsyncIterable<Buffer>): Promise<void> => {
  const handle = await open(file, 'wx', 0o600).catch((fault: unknown) => {
    if (codeOf(fault) === 'EEXIST') throw new BrokenBackup(`${path} stands in it twice`)
    throw fault
  })
  try {
    await writeContent(handle, content)
    await handle.utimes(changedAt, changedAt)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The number in the name of a part of the archive: `repository 7`. */
export const repositoryOf = ({ name }: Pick<Part, 'name'>): number | undefined => {
  const number = /^repository (\d+)$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** Git wants folders that may be empty. */
const completeRepositories = async (folder: string, parts: readonly Part[]): Promise<void> => {
  for (const part of parts) {
    const id = repositoryOf(part)
    if (id === undefined) continue
    for (const name of repositoryFolders) await mkdir(join(folder, repositoryPlace(id), name), { recursive: true })
  }
}

/** Unpacks all files into a folder, on disk when this returns. Throws `BrokenBackup`. */
export const unpack = async (reader: ArchiveReader, folder: string, signal: AbortSignal): Promise<readonly Part[]> => {
  const made = new Set<string>()
  const parts = await reader.files(async (entry, content) => {
    signal.throwIfAborted()
    const file = join(folder, entry.path)
    if (!made.has(dirname(file))) await mkdir(dirname(file), { recursive: true })
    made.add(dirname(file))
    await writeFile(file, entry, content)
  })
  await completeRepositories(folder, parts)
  for (const directory of made) await syncDirectory(directory)
  return parts
}

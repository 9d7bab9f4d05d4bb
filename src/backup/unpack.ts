import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeNewFile } from '../git/durable-files.ts'
import { repositoryConfig, repositoryFolders } from '../git/repositories.ts'
import { codeOf } from '../git/system-errors.ts'
import { type ArchiveReader, BrokenBackup } from './archive-reader.ts'
import type { Part } from './contents.ts'
import { NewFolders } from './new-folders.ts'
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

/**
 * Git wants folders that may be empty. What a repository says of itself is not taken from a file of somebody else: git
 * would do as it says, when it looks at what was restored.
 */
const completeRepository = async (directory: string, folders: NewFolders): Promise<void> => {
  for (const name of repositoryFolders) await folders.make(join(directory, name))
  const config = join(directory, 'config')
  await rm(config, { force: true })
  await writeNewFile(config, repositoryConfig, 0o600)
}

/** Unpacks all files into a folder, on disk when this returns. Throws `BrokenBackup`. */
export const unpack = async (reader: ArchiveReader, folder: string): Promise<readonly Part[]> => {
  const folders = new NewFolders(folder)
  const parts = await reader.files(async (entry, content) => {
    const file = join(folder, entry.path)
    await folders.make(dirname(file))
    await writeFile(file, entry, content)
  })
  for (const part of parts) {
    const id = repositoryOf(part)
    if (id !== undefined) await completeRepository(join(folder, repositoryPlace(id)), folders)
  }
  await folders.sync()
  return parts
}

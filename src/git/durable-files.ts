import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from './system-errors.ts'

const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes what was created, renamed or removed in a directory outlive a power cut. */
export const syncDirectory = syncPath

/** A new file whose content is on disk when this returns. Fails where the file is there already. */
export const writeNewFile = async (path: string, content: string | Buffer, mode = 0o666): Promise<void> => {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The directory and those above it that are missing, each one on disk. Node's own way says ENOENT on a read-only disk. */
export const makeDirectory = async (path: string): Promise<void> => {
  const fault = await mkdir(path).catch((error: unknown) => error)
  if (fault === undefined) await syncDirectory(dirname(path))
  else if (codeOf(fault) === 'ENOENT') {
    await makeDirectory(dirname(path))
    await makeDirectory(path)
  } else if (codeOf(fault) !== 'EEXIST') throw fault
}

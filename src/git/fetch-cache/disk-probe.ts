import { open, unlink } from 'node:fs/promises'

/** No less than a program writes at once, in bytes. */
const probeLength = 128 * 1_024

/**
 * Throws where the disk takes nothing more. A program that wrote into a file by itself and failed does not say whether
 * that was the reason.
 * @param path of a file that is not there yet
 */
export const probeDisk = async (path: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(Buffer.alloc(probeLength))
  } finally {
    await file.close()
    await unlink(path)
  }
}

import { open } from 'node:fs/promises'
import { unlessAbsent } from '../system-errors.ts'
import { type Header, headerLength, parseHeader } from './header.ts'
import { endGroup, isAlive } from './living.ts'

/** What stands in front of the answer in this file; undefined where there is none. */
export const headerAt = async (path: string): Promise<Header | undefined> => {
  const file = await unlessAbsent(open(path, 'r'))
  if (file === undefined) return undefined
  try {
    const bytes = Buffer.alloc(headerLength)
    return parseHeader(bytes.subarray(0, (await file.read(bytes, 0, headerLength, 0)).bytesRead))
  } finally {
    await file.close()
  }
}

/** Where a maker died, the program that writes for it is ended: it would go on to the end of the pack, for nobody. */
export const endOrphan = (header: Header | undefined): void => {
  if (header !== undefined && header.end === undefined && !isAlive(header.maker)) endGroup(header.writer)
}

import { link, open, stat, unlink } from 'node:fs/promises'
import { codeOf, unlessAbsent } from '../system-errors.ts'
import { Answer } from './answer.ts'
import { newHeader } from './header.ts'
import { type Layout, partOf } from './layout.ts'
import { ownIdentity } from './living.ts'

/** Whether a path leads to the file of this answer. */
export const leadsTo = async (path: string, { inode }: Pick<Answer, 'inode'>): Promise<boolean> =>
  (await unlessAbsent(stat(path)))?.ino === inode

/** Takes a name away, where it is still this answer's. */
export const unlinkOwn = async (path: string, answer: Pick<Answer, 'inode'>): Promise<void> => {
  if (await leadsTo(path, answer)) await unlessAbsent(unlink(path))
}

/** Closes the file in this process and gives up its link. */
export const letGo = async (answer: Answer): Promise<void> => {
  await unlessAbsent(unlink(answer.link))
  await answer.handle.close()
}

const create = async (path: string, reserved: number): Promise<Answer> => {
  const handle = await open(path, 'wx+', 0o600)
  try {
    await handle.write(newHeader(ownIdentity, reserved))
    return new Answer(handle, path, (await handle.stat()).ino)
  } catch (fault) {
    await unlessAbsent(unlink(path)).catch(() => {})
    await handle.close()
    throw fault
  }
}

/**
 * Becomes the maker of an answer: a new file with its maker's name in it gets the name `.part`, which only one process
 * can give. Undefined where another was first, or where the folder was removed in between.
 */
export const claim = async (layout: Layout, name: string, reserved: number): Promise<Answer | undefined> => {
  const answer = await create(layout.newLink('making'), reserved)
  try {
    await link(answer.link, partOf(name))
    if ((await unlessAbsent(stat(name))) === undefined) return answer
    // Another has finished between our look for the whole answer and our claim.
    await unlinkOwn(partOf(name), answer)
    await letGo(answer)
    return undefined
  } catch (fault) {
    await letGo(answer)
    if (codeOf(fault) === 'EEXIST' || codeOf(fault) === 'ENOENT') return undefined
    throw fault
  }
}

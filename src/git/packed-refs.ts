import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { syncDirectory, writeNewFile } from './durable-files.ts'
import { codeOf, unlessAbsent } from './system-errors.ts'

/** For git to be done with its own change, in milliseconds (`core.packedRefsTimeout`). */
const patience = 1_000
const betweenTries = 25

const isTaken = (fault: unknown): boolean => codeOf(fault) === 'EEXIST'

const take = async (lock: string): Promise<void> => {
  for (let waited = 0; ; waited += betweenTries) {
    try {
      return await (await open(lock, 'wx')).close()
    } catch (fault) {
      if (!isTaken(fault) || waited >= patience) throw fault
      await pause(betweenTries)
    }
  }
}

/** What git does: the file is locked by another's name, written whole under a third, and put in place at once (`refs/packed-backend.c`). */
const locked = async (directory: string, change: (text: string) => string): Promise<void> => {
  const file = join(directory, 'packed-refs')
  await take(`${file}.lock`)
  try {
    const text = (await unlessAbsent(readFile(file, 'utf8'))) ?? ''
    const changed = change(text)
    if (changed === text) return
    await rm(`${file}.new`, { force: true })
    await writeNewFile(`${file}.new`, changed)
    await rename(`${file}.new`, file)
    await syncDirectory(directory)
  } finally {
    await rm(`${file}.lock`, { force: true })
  }
}

/** Without these refs, and without the peeled ids that stand below them. */
const without = (text: string, refs: ReadonlySet<string>): string => {
  let isGone = false
  const stays = (line: string): boolean => {
    if (!line.startsWith('^')) isGone = refs.has(line.slice(line.indexOf(' ') + 1))
    return !isGone
  }
  return text
    .split('\n')
    .filter((line) => stays(line))
    .join('\n')
}

/** Removes refs from the file of packed refs; a loose one of the same name stays. Throws where git does not let go of the file in time. */
export const removePackedRefs = (directory: string, refs: ReadonlySet<string>): Promise<void> =>
  locked(directory, (text) => without(text, refs))

/** Names of packed refs below a folder such as `refs/pipelines/`, without it. */
export const namesPackedBelow = async (directory: string, folder: string): Promise<string[]> => {
  const text = (await unlessAbsent(readFile(join(directory, 'packed-refs'), 'utf8'))) ?? ''
  const names: string[] = []
  for (let at = text.indexOf(` ${folder}`); at >= 0; at = text.indexOf(` ${folder}`, at + 1)) {
    names.push(text.slice(at + 1 + folder.length, text.indexOf('\n', at)))
  }
  return names
}

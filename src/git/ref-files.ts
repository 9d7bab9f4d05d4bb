import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from './system-errors.ts'

const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

const readLoose = async (directory: string, name: string, refs: Map<string, string>): Promise<void> => {
  const entries: Dirent[] = (await unlessAbsent(readdir(join(directory, name), { withFileTypes: true }))) ?? []
  for (const entry of entries) {
    const ref = `${name}/${entry.name}`
    if (entry.isDirectory()) await readLoose(directory, ref, refs)
    else if (!entry.name.endsWith('.lock')) {
      const text = (await unlessAbsent(readFile(join(directory, ref), 'utf8')))?.trim()
      if (text !== undefined && objectId.test(text)) refs.set(ref, text)
    }
  }
}

/** Lines of `packed-refs`: `<id> <ref>`; comments begin with `#`, peeled tags with `^`. */
const addPacked = (text: string, refs: Map<string, string>): void => {
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    const id = line.slice(0, space)
    const ref = line.slice(space + 1)
    if (objectId.test(id) && !refs.has(ref)) refs.set(ref, id)
  }
}

/**
 * Every ref of a bare repository with its object id, read from git's own files. Loose refs are read first and win: a
 * ref that is packed meanwhile is then found among the packed ones.
 */
export const readRefs = async (directory: string): Promise<Map<string, string>> => {
  const refs = new Map<string, string>()
  await readLoose(directory, 'refs', refs)
  addPacked((await unlessAbsent(readFile(join(directory, 'packed-refs'), 'utf8'))) ?? '', refs)
  return refs
}

/** The branch that `HEAD` names, without `refs/heads/`; undefined where it names none. */
export const readHead = async (directory: string): Promise<string | undefined> => {
  const text = await readFile(join(directory, 'HEAD'), 'utf8')
  return /^ref: refs\/heads\/(.+)\n$/s.exec(text)?.[1]
}

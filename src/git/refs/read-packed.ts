import { setImmediate as turn } from 'node:timers/promises'
import { isValidRefName } from '../../access/rules/ref-name.ts'
import { type PeelKnowledge, type StoredRef, unknownPeel } from './stored-ref.ts'

const header = '# pack-refs with:'

const objectId = /^[0-9a-f]{40}$/

/** With `fully-peeled`, a ref without a `^` line holds no tag (git's `packed-backend.c`). */
const isFullyPeeled = (first: string): boolean => first.startsWith(header) && first.split(' ').includes('fully-peeled')

const inOrder = (refs: readonly StoredRef[]): boolean =>
  refs.every((ref, at) => at === 0 || (refs[at - 1] as StoredRef).name < ref.name)

const byName = (one: StoredRef, other: StoredRef): number => (one.name < other.name ? -1 : 1)

/** Adds what a line says; false where it is not one that git writes. */
const addLine = (line: string, refs: StoredRef[], elsewise: PeelKnowledge): boolean => {
  if (line.startsWith('^')) {
    const last = refs.pop()
    if (last !== undefined) refs.push({ ...last, peel: { kind: 'to', id: line.slice(1) } })
    return last !== undefined && objectId.test(line.slice(1))
  }
  const [id, name] = [line.slice(0, 40), line.slice(41)]
  if (isValidRefName(name)) refs.push({ name, id, target: undefined, peel: elsewise })
  return objectId.test(id) && line[40] === ' ' && isValidRefName(name)
}

/** So many lines are read in one go before others get their turn: some ten milliseconds. */
const atOnce = 5_000

/** Whether all of it is as git writes it; what it says is added. */
const addLines = async (lines: readonly string[], refs: StoredRef[], elsewise: PeelKnowledge): Promise<boolean> => {
  for (let at = 0; at < lines.length; at += atOnce) {
    if (at > 0) await turn()
    const some = lines.slice(at, at + atOnce)
    if (!some.every((line) => line === '' || line.startsWith('#') || addLine(line, refs, elsewise))) return false
  }
  return true
}

/**
 * The refs of a file `packed-refs`, in the order of their names' bytes; undefined where the file is not as git writes it.
 * @param text its bytes as Latin-1, so that every name keeps its bytes
 */
export const parsePackedRefs = async (text: string): Promise<readonly StoredRef[] | undefined> => {
  const lines = text.split('\n')
  const elsewise: PeelKnowledge = isFullyPeeled(lines[0] ?? '') ? { kind: 'none' } : unknownPeel
  const refs: StoredRef[] = []
  if (!(await addLines(lines, refs, elsewise))) return undefined
  return inOrder(refs) ? refs : refs.toSorted(byName)
}

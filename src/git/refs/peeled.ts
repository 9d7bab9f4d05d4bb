import { RefSnapshot } from './snapshot.ts'
import type { PeelKnowledge, StoredRef } from './stored-ref.ts'

/** What an object stands for: `missing` where there is no such object. */
export type Peel = PeelKnowledge | 'missing'
export type Peels = ReadonlyMap<string, Peel>

const isUnknown = ({ peel }: StoredRef): boolean => peel.kind === 'unknown'

/** The objects of which git has to say what they are. */
export const idsToPeel = ({ refs }: RefSnapshot, known: Peels): string[] => [
  ...new Set(refs.filter((ref) => isUnknown(ref) && !known.has(ref.id)).map(({ id }) => id)),
]

/** Of what is known, that which the snapshot still asks for. */
export const peelsOf = ({ refs }: RefSnapshot, known: Peels): Peels => {
  const kept = new Map<string, Peel>()
  for (const ref of refs) {
    const peel = isUnknown(ref) ? known.get(ref.id) : undefined
    // What is missing may come.
    if (peel !== undefined && peel !== 'missing') kept.set(ref.id, peel)
  }
  return kept
}

/** Undefined where an object is missing: what git shows of such a ref depends on the question. */
export const completed = (snapshot: RefSnapshot, peels: Peels): RefSnapshot | undefined => {
  if (!snapshot.refs.some(isUnknown)) return snapshot
  const refs: StoredRef[] = []
  for (const ref of snapshot.refs) {
    const peel = isUnknown(ref) ? peels.get(ref.id) : ref.peel
    if (peel === undefined || peel === 'missing') return undefined
    refs.push({ ...ref, peel })
  }
  return new RefSnapshot(snapshot.head, refs)
}

/** What `git cat-file --batch-check` is asked: each object, and what it stands for. */
export const peelQuestion = (ids: readonly string[]): string => ids.map((id) => `${id}\n${id}^{}\n`).join('')

const idOf = (line: string | undefined): string | undefined => /^([0-9a-f]{40}) /.exec(line ?? '')?.[1]

/** Its answer: a line for each line. */
export const readPeels = (ids: readonly string[], answer: string): Peels => {
  const lines = answer.split('\n')
  if (lines.length !== 2 * ids.length + 1) throw new Error('git told of more or fewer objects than it was asked about')
  return new Map(
    ids.map((id, at): [string, Peel] => {
      if (lines[2 * at]?.endsWith(' missing') === true) return [id, 'missing']
      const peeled = lines[2 * at + 1]?.endsWith(' missing') === true ? undefined : idOf(lines[2 * at + 1])
      return [id, peeled === undefined || peeled === id ? { kind: 'none' } : { kind: 'to', id: peeled }]
    }),
  )
}

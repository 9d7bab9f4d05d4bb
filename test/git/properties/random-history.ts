import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { writeCommit, writeObject, writeTag, writeTree } from './object-pool.ts'
import { writeRefs } from './random-refs.ts'
import { mustGit } from './stock-git.ts'

interface PlannedCommit {
  /** How many commits back each parent lies; beyond the first commit there is none. */
  readonly parents: readonly number[]
  /** Which file is changed, with how many lines. */
  readonly file: number
  readonly lines: number
  readonly isBranch: boolean
  readonly isTagged: boolean
}

export interface PlannedHistory {
  readonly commits: readonly PlannedCommit[]
  readonly packed: 'loose' | 'packed' | 'with a bitmap'
}

/** Ids of what was made, in the order in which it was. */
export interface History {
  readonly commits: readonly string[]
  readonly tags: readonly string[]
  readonly others: readonly string[]
}

const commitArbitrary: fc.Arbitrary<PlannedCommit> = fc.record({
  parents: fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom(1, 1, 1, 2, 3)) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  file: fc.nat(5),
  lines: fc.integer({ min: 1, max: 200 }),
  isBranch: fc.constantFrom(true, false, false),
  isTagged: fc.constantFrom(true, false, false, false),
})

export const historyArbitrary: fc.Arbitrary<PlannedHistory> = fc.record({
  commits: fc.array(commitArbitrary, { minLength: 8, maxLength: 25 }),
  packed: fc.constantFrom('loose', 'packed', 'with a bitmap'),
})

const textOf = (number: number, lines: number): Buffer =>
  Buffer.from(Array.from({ length: lines }, (_, line) => `line ${line} of ${line % 7 === 0 ? number : 'all'}\n`).join(''))

const packing = { loose: undefined, packed: ['-ad', '-q'], 'with a bitmap': ['-ad', '-q', '-b'] } as const

/** Makes the repository hold this history and nothing else. */
export const writeHistory = async (directory: string, { commits, packed }: PlannedHistory): Promise<History> => {
  rmSync(join(directory, 'objects'), { recursive: true })
  for (const folder of ['info', 'pack']) mkdirSync(join(directory, 'objects', folder), { recursive: true })
  const made: string[] = []
  const others: string[] = []
  const files: Record<string, string> = {}
  const tags: string[] = []
  for (const [number, { parents, file, lines, isTagged }] of commits.entries()) {
    const blob = writeObject(directory, 'blob', textOf(number, lines))
    files[`file-${file}`] = blob
    const tree = writeTree(directory, files)
    others.push(blob, tree)
    const before = parents.flatMap((back) => made[number - back] ?? [])
    made.push(writeCommit(directory, tree, before, `commit ${number}`, number * 60))
    if (isTagged) tags.push(writeTag(directory, made[number] ?? '', 'commit', `v${number}`))
  }
  const branches = commits.flatMap(({ isBranch }, number) => (isBranch || number === commits.length - 1 ? [number] : []))
  const refs = [
    ...branches.map((number) => ({ name: `refs/heads/b${number}`, place: 'loose' as const, object: number, target: '' })),
    ...tags.map((_, at) => ({ name: `refs/tags/t${at}`, place: 'packed' as const, object: commits.length + at, target: '' })),
  ]
  const pool = { commits: made, tags: tags.map((id) => ({ id, peeled: '' })), others: [] }
  writeRefs(directory, pool, { refs, head: { kind: 'branch', name: `refs/heads/b${branches[0]}` }, header: 'none' })
  const words = packing[packed]
  if (words !== undefined) await mustGit([`--git-dir=${directory}`, 'repack', ...words])
  return { commits: made, tags, others }
}

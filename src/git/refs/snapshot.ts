import { createHash } from 'node:crypto'
import type { LooseValue } from './loose-refs.ts'
import type { Reading } from './reading.ts'
import { type PeelKnowledge, type StoredRef, unknownPeel } from './stored-ref.ts'

/** What `HEAD` leads to. Its id is undefined where the branch has no commit yet. */
export interface Head {
  readonly id: string | undefined
  /** The ref that it names in the end; undefined where it holds an object itself. */
  readonly target: string | undefined
}

/** The refs of a repository at one moment, without those that are hidden from everyone. */
export class RefSnapshot {
  readonly head: Head | undefined
  /** In the order of their names' bytes. */
  readonly refs: readonly StoredRef[]
  #state: string | undefined

  /** @param head undefined where git would not believe what `HEAD` says */
  constructor(head: Head | undefined, refs: readonly StoredRef[]) {
    this.head = head
    this.refs = refs
  }

  /** A digest of all of it, in hexadecimal: two snapshots of the same state have the same. */
  get state(): string {
    this.#state ??= this.#digest()
    return this.#state
  }

  /** What `HEAD` stands for, where it leads to a tag. By itself it holds commits and nothing else, which git sees to. */
  get headPeel(): PeelKnowledge {
    const target = this.head?.target
    return (target === undefined ? undefined : findRef(this.refs, target)?.peel) ?? { kind: 'none' }
  }

  #digest(): string {
    const hash = createHash('sha256').update(`${this.head?.target ?? ''} ${this.head?.id ?? ''}\n`)
    for (const { id, name, target } of this.refs) hash.update(`${id} ${name} ${target ?? ''}\n`, 'latin1')
    return hash.digest('hex')
  }
}

/** The ref of that name in a list that is in order. */
const findRef = (refs: readonly StoredRef[], name: string): StoredRef | undefined => {
  let [from, to] = [0, refs.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((refs[middle]?.name ?? '') < name) from = middle + 1
    else to = middle
  }
  return refs[from]?.name === name ? refs[from] : undefined
}

/** How many symbolic refs may lead to one another (git's `SYMREF_MAXDEPTH`). */
const deepest = 5

/** Follows a symbolic ref to its end. */
class Resolver {
  readonly #loose: ReadonlyMap<string, { readonly value: LooseValue }>
  readonly #packed: readonly StoredRef[]

  constructor({ loose, packed }: Reading) {
    this.#loose = loose.files
    this.#packed = packed
  }

  /** Undefined where the chain is too long. */
  end(first: string): Head | undefined {
    let target = first
    for (let depth = 0; depth < deepest; depth += 1) {
      const value = this.#valueOf(target)
      if (value === undefined) return { target, id: undefined }
      if (value.kind === 'object') return { target, id: value.id }
      target = value.name
    }
    return undefined
  }

  #valueOf(name: string): LooseValue | undefined {
    const packed = findRef(this.#packed, name)
    return this.#loose.get(name)?.value ?? (packed && { kind: 'object', id: packed.id })
  }
}

const headOf = (value: LooseValue, resolver: Resolver): Head | undefined =>
  value.kind === 'object' ? { id: value.id, target: undefined } : resolver.end(value.name)

/** Branches hold commits and nothing else, which git itself sees to; so do the refs that are written here for pipelines. */
const holdsCommit = (name: string): boolean => name.startsWith('refs/heads/') || /^refs\/pipelines\/[1-9]\d*$/.test(name)

const looseRef = (name: string, value: LooseValue, resolver: Resolver): StoredRef | undefined => {
  const end = headOf(value, resolver)
  if (end?.id === undefined) return undefined
  return { name, id: end.id, target: end.target, peel: holdsCommit(end.target ?? name) ? { kind: 'none' } : unknownPeel }
}

const byName = (one: StoredRef, other: StoredRef): number => (one.name < other.name ? -1 : 1)

const isVisible =
  (isHidden: (name: string) => boolean) =>
  (ref: StoredRef | undefined): ref is StoredRef =>
    ref !== undefined && !isHidden(ref.name)

/** @param isHidden whether a ref is hidden from everyone */
export const snapshotOf = (reading: Reading, isHidden: (name: string) => boolean): RefSnapshot => {
  const resolver = new Resolver(reading)
  const loose = reading.loose.files
  const visible = isVisible(isHidden)
  const fromPacked = reading.packed.filter((ref) => !loose.has(ref.name) && visible(ref))
  const fromLoose = [...loose].map(([name, { value }]) => looseRef(name, value, resolver)).filter(visible)
  const refs = fromLoose.length === 0 ? fromPacked : [...fromPacked, ...fromLoose].sort(byName)
  return new RefSnapshot(headOf(reading.head, resolver), refs)
}

import type { TreeEntry } from '../../../git/tree-entries.ts'

/** Which entries of a list are wanted: those from a place on, or those behind one that is named. */
export type Wanted =
  | { readonly kind: 'place'; readonly start: number; readonly size: number }
  | { readonly kind: 'behind'; readonly token: string; readonly size: number }

/** GitLab's order: folders, then files, then submodules; each as git has them. */
const kinds = ['tree', 'blob', 'commit'] as const

/** The entries of one kind that may be wanted, however many there are. */
class Shelf {
  readonly #wanted: Wanted
  readonly first: TreeEntry[] = []
  readonly behind: TreeEntry[] = []
  count = 0
  hasToken = false

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  add(entry: TreeEntry): void {
    const room = this.#wanted.size + 1
    const reach = this.#wanted.kind === 'place' ? this.#wanted.start + room : room
    this.count += 1
    if (this.first.length < reach) this.first.push(entry)
    if (this.#wanted.kind === 'place') return
    if (this.hasToken && this.behind.length < room) this.behind.push(entry)
    if (!this.hasToken) this.hasToken = entry.path === this.#wanted.token || entry.id === this.#wanted.token
  }
}

export interface Window {
  /** At most one more than was wanted: then others follow. */
  readonly entries: readonly TreeEntry[]
  readonly total: number
  /** The entry behind which to begin was there, or none was named. */
  readonly found: boolean
}

/** Reads all entries, and keeps no more of them than may be wanted. */
export const readWindow = async (entries: AsyncIterable<TreeEntry>, wanted: Wanted): Promise<Window> => {
  const shelves = kinds.map(() => new Shelf(wanted))
  for await (const entry of entries) shelves[kinds.indexOf(entry.type)]?.add(entry)
  const total = shelves.reduce((sum, shelf) => sum + shelf.count, 0)
  if (wanted.kind === 'place') return { entries: pick(shelves, wanted), total, found: true }
  const at = shelves.findIndex((shelf) => shelf.hasToken)
  if (at < 0) return { entries: [], total, found: false }
  const rest = [...(shelves[at]?.behind ?? []), ...shelves.slice(at + 1).flatMap((shelf) => shelf.first)]
  return { entries: rest.slice(0, wanted.size + 1), total, found: true }
}

const pick = (shelves: readonly Shelf[], { start, size }: Extract<Wanted, { kind: 'place' }>): TreeEntry[] => {
  const picked: TreeEntry[] = []
  let from = start
  for (const { first, count } of shelves) {
    picked.push(...first.slice(from, from + size + 1 - picked.length))
    from = Math.max(0, from - count)
  }
  return picked
}

import { recordsOf } from './byte-reader.ts'

/** A line of a tree: what lies under a name, or under a path. */
export interface TreeEntry {
  /** Six octal digits. */
  readonly mode: string
  readonly type: 'tree' | 'blob' | 'commit'
  readonly id: string
  /** Of a blob, in bytes, where it was asked for. */
  readonly size: number | undefined
  readonly path: string
}

const head = /^(\d{6}) (tree|blob|commit) ([0-9a-f]{40}|[0-9a-f]{64})(?: +(\d{1,15}|-))?$/

/** One record of `git ls-tree -z`, with `-l` or without. Throws where it is none. */
export const parseTreeEntry = (record: Buffer): TreeEntry => {
  const tab = record.indexOf(0x09)
  const [, mode, type, id, size] = head.exec(record.toString('latin1', 0, Math.max(tab, 0))) ?? []
  if (mode === undefined || id === undefined) throw new Error('git wrote a line of a tree that cannot be read')
  return {
    mode,
    type: type as TreeEntry['type'],
    id,
    size: size === undefined || size === '-' ? undefined : Number(size),
    path: record.toString('utf8', tab + 1),
  }
}

export async function* readTreeEntries(output: AsyncIterable<Buffer>): AsyncGenerator<TreeEntry> {
  for await (const record of recordsOf(output, 0)) yield parseTreeEntry(record)
}

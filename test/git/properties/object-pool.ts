import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'

/** Ids of objects that refs can name. */
export interface Pool {
  readonly commits: readonly string[]
  /** Annotated tags with what is behind them in the end. */
  readonly tags: readonly { readonly id: string; readonly peeled: string }[]
  /** A blob and a tree. */
  readonly others: readonly string[]
}

export const writeObject = (directory: string, type: string, content: Buffer): string => {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
  const id = createHash('sha1').update(whole).digest('hex')
  const folder = join(directory, 'objects', id.slice(0, 2))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, id.slice(2)), deflateSync(whole))
  return id
}

const person = 'Ada <ada@example.com> 1700000000 +0000'

/** When the first commit was made, in seconds. */
export const firstTime = 1_700_000_000

/** @param after the first moment, in seconds */
export const writeCommit = (directory: string, tree: string, parents: readonly string[], message: string, after = 0): string => {
  const who = `Ada <ada@example.com> ${firstTime + after} +0000`
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`]
  return writeObject(directory, 'commit', Buffer.from(`${lines.join('\n')}\n\n${message}\n`))
}

export const writeTree = (directory: string, files: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))
  const parts = entries.map(([name, id]) => Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(id, 'hex')]))
  return writeObject(directory, 'tree', Buffer.concat(parts))
}

export const writeTag = (directory: string, target: string, type: string, name: string): string =>
  writeObject(directory, 'tag', Buffer.from(`object ${target}\ntype ${type}\ntag ${name}\ntagger ${person}\n\n${name}\n`))

/** A few objects of each kind; commits are a chain with a branch. */
export const fillPool = (directory: string): Pool => {
  const blob = writeObject(directory, 'blob', Buffer.from('hello\n'))
  const tree = writeTree(directory, { file: blob })
  const commits: string[] = []
  for (const [number, parent] of [undefined, 0, 1, 1, 2, 4].entries()) {
    const parents = parent === undefined ? [] : [commits[parent] ?? '']
    commits.push(writeCommit(directory, tree, parents, `commit ${number}`))
  }
  const [first = '', second = ''] = commits
  const plain = writeTag(directory, first, 'commit', 'plain')
  const nested = writeTag(directory, plain, 'tag', 'nested')
  const tags = [
    { id: plain, peeled: first },
    { id: nested, peeled: first },
    { id: writeTag(directory, nested, 'tag', 'deeper'), peeled: first },
    { id: writeTag(directory, blob, 'blob', 'of-a-blob'), peeled: blob },
    { id: writeTag(directory, tree, 'tree', 'of-a-tree'), peeled: tree },
    { id: writeTag(directory, second, 'commit', 'second'), peeled: second },
  ]
  return { commits, tags, others: [blob, tree] }
}

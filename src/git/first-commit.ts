import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import type { FirstCommit } from '../core/first-commit.ts'
import { syncDirectory, writeNewFile } from './durable-files.ts'
import { type NewObject, objectHeader, objectId, signatureOf } from './new-objects.ts'

/** A file of ours, not of git's: whole, and on disk with every folder on the way to it. */
const writeBelow = async (directory: string, path: string, content: string | Buffer, mode?: number): Promise<void> => {
  const file = join(directory, path)
  await mkdir(dirname(file), { recursive: true })
  await writeNewFile(file, content, mode)
  for (let at = dirname(file); at !== directory; at = dirname(at)) await syncDirectory(at)
}

const made = (type: Parameters<typeof objectId>[0], content: Buffer): NewObject & { readonly stored: Buffer } => ({
  id: objectId(type, content),
  content,
  stored: deflateSync(Buffer.concat([Buffer.from(objectHeader(type, content)), content])),
})

/** Blob, tree and commit, as git stores them. */
const objectsOf = ({ file, content, message, author, at }: FirstCommit) => {
  const blob = made('blob', Buffer.from(content))
  const tree = made('tree', Buffer.concat([Buffer.from(`100644 ${file}\0`), Buffer.from(blob.id, 'hex')]))
  const signature = signatureOf(author, at)
  const words = [`tree ${tree.id}`, `author ${signature}`, `committer ${signature}`, '', message, ''].join('\n')
  return { blob, tree, commit: made('commit', Buffer.from(words)) }
}

/** Such as git gives its own loose objects: nobody writes them again. */
const readOnly = 0o444

/**
 * Writes the first commit of a repository that is being made and belongs to nobody yet, and the branch that names it. As
 * the rest of a new repository, without git: there is no project that an admission could be for. The objects are loose
 * ones, on disk before the branch is.
 */
export const writeFirstCommit = async (directory: string, branch: string, first: FirstCommit): Promise<void> => {
  const { blob, tree, commit } = objectsOf(first)
  for (const { id, stored } of [blob, tree, commit]) {
    await writeBelow(directory, `objects/${id.slice(0, 2)}/${id.slice(2)}`, stored, readOnly)
  }
  await writeBelow(directory, `refs/heads/${branch}`, `${commit.id}\n`)
}

import { isValidRefName } from '../../../access/rules/ref-name.ts'
import { readObjectLines } from '../../../git/object-reader.ts'
import type { Code } from './code.ts'

const wholeId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const idOrPart = /^[0-9a-f]{4,64}$/

/** Names as git looks for them (`git help gitrevisions`); none of a ref that belongs to the server. */
const fullNames = (word: string): string[] =>
  [word, `refs/${word}`, `refs/tags/${word}`, `refs/heads/${word}`].filter((name) => /^refs\/(?:heads|tags)\//.test(name))

/**
 * The object that a branch, a tag, `HEAD` or a commit's id names, perhaps a part of that id. Git's language of revisions
 * goes no further here: what a client wrote never reaches it.
 */
const objectNamed = async (code: Code, word: string): Promise<string | undefined> => {
  if (wholeId.test(word)) return word
  const branch = word === 'HEAD' ? code.project.default_branch : undefined
  const refs = await code.refs
  const name = fullNames(branch ?? word).find((full) => isValidRefName(full) && refs.has(full))
  if (name !== undefined) return refs.get(name)
  return idOrPart.test(word) ? word : undefined
}

/** The commits that these words name, each undefined where there is none. Tags are followed to their commit. */
export const resolveAll = async (code: Code, words: readonly string[]): Promise<(string | undefined)[]> => {
  const named = await Promise.all(words.map((word) => objectNamed(code, word)))
  const ids = named.filter((id) => id !== undefined)
  if (ids.length === 0) return named
  const lines = await code.ask({ kind: 'object-lines', ids, peel: true }, readObjectLines)
  const found = new Map(ids.map((id, at) => [id, lines[at]?.id]))
  return named.map((id) => (id === undefined ? undefined : found.get(id)))
}

export const resolve = async (code: Code, word: string): Promise<string | undefined> => (await resolveAll(code, [word]))[0]

/** The commit of the default branch, which stands where no ref is named; undefined while nothing was pushed. */
export const resolveDefault = async (code: Code): Promise<string | undefined> => {
  const { default_branch } = code.project
  return default_branch === null ? undefined : (await code.refs).get(`refs/heads/${default_branch}`)
}

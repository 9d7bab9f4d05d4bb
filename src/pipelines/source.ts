import type { Admission } from '../access/decide.ts'
import type { Inquiry } from '../git/inquiry.ts'
import { readObjectLines, readObjects } from '../git/object-reader.ts'
import { readTreeEntries } from '../git/tree-entries.ts'
import type { CodeAccess } from './parts.ts'

/** For one question to git, in milliseconds. */
const patience = 30_000

/** GitLab's bound for a file of a configuration, in bytes (`max_yaml_size_bytes`). */
export const largestFile = 2 * 2 ** 20

/** Bytes of a commit's message that are looked at. */
const mostOfCommit = 64 * 2 ** 10

/** Git had no place for the question, or did not come to an end. */
export class SourceUnavailable extends Error {}

/** Reads commits of one repository, for one who may. */
export class CommitSource {
  readonly #engine: CodeAccess['engine']
  readonly #admission: Admission<'inspect'>

  constructor(engine: CodeAccess['engine'], admission: Admission<'inspect'>) {
    this.#engine = engine
    this.#admission = admission
  }

  /** The commit that an object is or leads to; undefined for what is none. */
  async commitOf(id: string): Promise<string | undefined> {
    const [line] = await this.#ask({ kind: 'object-lines', ids: [id], peel: true }, readObjectLines)
    return line?.id
  }

  async messageOf(commit: string): Promise<string> {
    const [read] = await this.#ask({ kind: 'objects', ids: [commit] }, (output) => readObjects(output, mostOfCommit))
    const text = read?.content.toString() ?? ''
    return text.slice(text.indexOf('\n\n') + 2)
  }

  /** The text of a file; undefined where there is none, or one that is too large to be a configuration. */
  async textOf(commit: string, path: string): Promise<string | undefined> {
    const entry = await this.#ask({ kind: 'entry', commit, path }, async (output) => {
      for await (const found of readTreeEntries(output)) return found
      return undefined
    })
    if (entry?.type !== 'blob') return undefined
    const [blob] = await this.#ask({ kind: 'objects', ids: [entry.id] }, (output) => readObjects(output, largestFile + 1))
    return blob === undefined || blob.content.length > largestFile ? undefined : blob.content.toString()
  }

  async #ask<Result>(inquiry: Inquiry, read: (output: AsyncIterable<Buffer>) => Promise<Result>): Promise<Result> {
    const answer = await this.#engine.ask(this.#admission, inquiry, read, AbortSignal.timeout(patience))
    if (answer.kind === 'answered') return answer.result
    throw new SourceUnavailable(answer.kind === 'failed' ? answer.complaint : `git was not asked: ${answer.kind}`)
  }
}

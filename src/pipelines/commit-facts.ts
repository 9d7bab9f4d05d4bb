import { LRUCache } from 'lru-cache'
import type { Admission } from '../access/decide.ts'
import { wasRefused } from '../access/gate.ts'
import { type ReadObject, readObjects } from '../git/object-reader.ts'
import { type Commit, parseCommit, parseTag } from '../git/object-words.ts'
import { toUser } from '../store/user-row.ts'
import type { VariableParts } from './parts.ts'
import { wholeUser } from './permission.ts'
import { SourceUnavailable } from './source.ts'
import type { Subject } from './subject.ts'

/** For git to answer, in milliseconds. */
const patience = 10_000

/** Bytes of a commit or tag that are looked at: GitLab cuts messages at 100,000. */
const longestObject = 128 * 2 ** 10

/** What a repository says of the commit for which something runs. */
export interface CommitFacts {
  readonly commit: Commit
  /** Of an annotated tag. */
  readonly tagMessage: string | undefined
}

type ReadObjects = readonly (ReadObject | undefined)[]

/** Bytes over all. Objects never change; whether a user may read them is asked each time. */
const mostKept = 8 * 2 ** 20

const kept = new LRUCache<string, ReadObjects>({
  maxSize: mostKept,
  sizeCalculation: (objects) => objects.reduce((sum, object) => sum + (object?.content.length ?? 0), 1_000),
})

/** Many jobs have the same commit, and one start of git is most of what a job's payload costs. */
const readTwo = async (
  { code }: Pick<VariableParts, 'code'>,
  admission: Admission<'inspect'>,
  ids: readonly string[],
): Promise<ReadObjects> => {
  const key = [admission.repository, ...ids].join(' ')
  const known = kept.get(key)
  if (known !== undefined) return known
  const read = (output: AsyncIterable<Buffer>) => readObjects(output, longestObject)
  const answer = await code.engine.ask(admission, { kind: 'objects', ids }, read, AbortSignal.timeout(patience))
  if (answer.kind !== 'answered') throw new SourceUnavailable(`a commit could not be read: ${answer.kind}`)
  if (answer.result.every((object) => object !== undefined)) kept.set(key, answer.result)
  return answer.result
}

const tagIdOf = async ({ repositories }: VariableParts, { project, ref, tag }: Subject): Promise<string[]> => {
  const id = tag ? (await repositories.refs(project.id)).get(`refs/tags/${ref}`) : undefined
  return id === undefined ? [] : [id]
}

/** The commit, as its user may read it at this moment; undefined where it may not, or where there is none. Throws `SourceUnavailable`. */
export const commitFactsFor = async (parts: VariableParts, subject: Subject): Promise<CommitFacts | undefined> => {
  const { user, project, sha } = subject
  if (user === undefined) return undefined
  const admission = await parts.code.gate.inspect(wholeUser(toUser(user, parts.clock())), project)
  if (wasRefused(admission)) return undefined
  const [commit, tag] = await readTwo(parts, admission, [sha, ...(await tagIdOf(parts, subject))])
  if (commit?.type !== 'commit') return undefined
  return {
    commit: parseCommit(sha, commit.content),
    tagMessage: tag?.type === 'tag' ? parseTag(tag.id, tag.content).message : undefined,
  }
}

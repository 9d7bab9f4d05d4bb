import { z } from 'zod'
import type { LineCounts } from '../../../git/line-counts.ts'
import { readLineCounts } from '../../../git/line-counts.ts'
import { readObjects } from '../../../git/object-reader.ts'
import { type Commit, parseCommit, type Signature } from '../../../git/object-words.ts'
import { link, momentWords, nothing, wholeNumber, words } from '../entity-words.ts'
import { webUrl } from '../urls.ts'
import type { Code } from './code.ts'
import { trailersOf } from './trailers.ts'

/** Bytes of a commit or tag that are read; a longer message is cut off there. */
export const mostOfObject = 256 * 2 ** 10

const fields = {
  id: words,
  short_id: words,
  created_at: momentWords,
  parent_ids: z.array(words),
  title: words,
  message: words,
  author_name: words,
  author_email: words,
  authored_date: momentWords,
  committer_name: words,
  committer_email: words,
  committed_date: momentWords,
  trailers: z.record(z.string(), words),
  extended_trailers: z.record(z.string(), z.array(words)),
  web_url: link,
}

const stats = z.object({ additions: wholeNumber, deletions: wholeNumber, total: wholeNumber })

/** gitlab `API::Entities::Commit`; `stats` where they were asked for (`CommitWithStats`). */
export const commitEntity = z.object({ ...fields, stats: stats.optional() }).meta({ id: 'Commit' })

/** gitlab `API::Entities::CommitDetail`. */
export const commitDetailEntity = z
  .object({ ...fields, stats: stats.optional(), status: nothing, project_id: wholeNumber, last_pipeline: nothing })
  .meta({ id: 'CommitDetail' })

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** With the offset of the place where it was written: `2014-02-27T10:01:38.000+01:00`. */
export const dateOf = ({ seconds, offset }: Signature): string => {
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, -1)
  const [sign, size] = [offset < 0 ? '-' : '+', Math.abs(offset)]
  return `${local}${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`
}

const titleOf = (message: string): string => (message.trim() === '' ? 'No commit message' : (message.split(/[\r\n]/, 1)[0] ?? ''))

export const shapeCommit = ({ call, project }: Code, commit: Commit, withTrailers = false) => ({
  id: commit.id,
  short_id: commit.id.slice(0, 8),
  created_at: dateOf(commit.committer),
  parent_ids: [...commit.parents],
  title: titleOf(commit.message),
  message: commit.message,
  author_name: commit.author.name,
  author_email: commit.author.email,
  authored_date: dateOf(commit.author),
  committer_name: commit.committer.name,
  committer_email: commit.committer.email,
  committed_date: dateOf(commit.committer),
  ...(withTrailers ? trailersOf(commit.message) : { trailers: {}, extended_trailers: {} }),
  web_url: webUrl(call.parts.settings, `${project.full_path}/-/commit/${commit.id}`),
})

export const shapeStats = (counts: LineCounts = { additions: 0, deletions: 0 }): z.output<typeof stats> => ({
  ...counts,
  total: counts.additions + counts.deletions,
})

/** Commits by their ids, or by the id of a tag that leads to one; undefined where nothing does. */
export const readCommits = async (
  code: Code,
  ids: readonly string[],
  most: number = mostOfObject,
): Promise<(Commit | undefined)[]> => {
  if (ids.length === 0) return []
  const objects = await code.ask({ kind: 'objects', ids, peel: true }, (output) => readObjects(output, most))
  return ids.map((_, at) => {
    const object = objects[at]
    return object && parseCommit(object.id, object.content)
  })
}

/** Added and deleted lines against the first parent, by commit. */
export const countLines = (code: Code, commits: readonly Commit[]): Promise<Map<string, LineCounts>> =>
  code.ask({ kind: 'stats', commits: commits.map(({ id, parents }) => ({ id, parent: parents[0] })) }, readLineCounts)

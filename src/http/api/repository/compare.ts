import { z } from 'zod'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { link, yesNo } from '../entity-words.ts'
import { ApiError, notFound } from '../errors.ts'
import { filledText, flag, optional, text } from '../input.ts'
import { webUrl } from '../urls.ts'
import { type Code, reachCode } from './code.ts'
import { readIds } from './commit-ids.ts'
import { commitEntity, readCommits, shapeCommit } from './commit-shape.ts'
import { askForDiff, diffEntity, shapeDiff, unidiffInput } from './diff-shape.ts'
import { commonAncestor } from './merge-base.ts'
import { resolveAll } from './revision.ts'

const input = z.object({
  from: filledText(1024),
  to: filledText(1024),
  from_project_id: optional(text()).meta({ description: 'There are no forks: only the project itself.' }),
  straight: optional(flag()).meta({ description: 'Compares the two as they are, not what `to` has since they parted.' }),
  ...unidiffInput,
})

/** gitlab `API::Entities::Compare` */
const compareEntity = z
  .object({
    commit: commitEntity.nullable(),
    commits: z.array(commitEntity),
    diffs: z.array(diffEntity),
    compare_timeout: yesNo,
    compare_same_ref: yesNo,
    web_url: link,
  })
  .meta({ id: 'Compare' })

/** At most so many commits, the newest; of the message of each so many bytes. */
const most = { commits: 1000, message: 16 * 2 ** 10 }

const refuseForks = ({ project }: Code, asked: string | undefined): void => {
  if (asked === undefined || asked === String(project.id) || asked === project.full_path) return
  const message = `Target project id:${asked} is not a fork of project id:${project.id}`
  throw new ApiError(400, { message }, { log: { 'meta.refusal_reason': 'bad_request' } })
}

/** What `to` has and `from` has not, from old to new. */
const commitsBetween = async (code: Code, from: string, to: string) => {
  const ids = await code.ask({ kind: 'history', from: to, without: from, skip: 0, most: most.commits }, readIds)
  const commits = await readCommits(code, ids.reverse(), most.message)
  return commits.filter((commit) => commit !== undefined).map((commit) => shapeCommit(code, commit))
}

/** gitlab `lib/api/repositories.rb`, `compare` */
const compare = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { from: fromWord, to: toWord, from_project_id, straight, unidiff } = call.read(input)
  refuseForks(code, from_project_id)
  const [from, to] = await resolveAll(code, [fromWord, toWord])
  if (from === undefined || to === undefined) throw notFound('Ref')
  const base = straight ? from : await commonAncestor(code, [from, to])
  const diff = await askForDiff(code, base, to, false)
  const commits = await commitsBetween(code, from, to)
  return ok({
    commit: commits.at(-1) ?? null,
    commits,
    diffs: diff.files.map((file) => shapeDiff(file, unidiff)),
    compare_timeout: diff.overflow,
    compare_same_ref: from === to,
    web_url: webUrl(call.parts.settings, `${code.project.full_path}/-/compare/${base ?? from}...${to}`),
  })
}

export const compareRoutes: readonly Route[] = [
  route('GET', '/projects/:id/repository/compare', { handler: compare, open: true, input: [input], output: compareEntity }),
]

import { z } from 'zod'
import type { HistoryInquiry } from '../../../git/inquiry.ts'
import type { Commit } from '../../../git/object-words.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { words } from '../entity-words.ts'
import { notFound } from '../errors.ts'
import { flag, moment, oneOf, optional, text } from '../input.ts'
import { type Page, pageHeaders, pageOf, paginateRows } from '../pagination.ts'
import { type Code, reachCode } from './code.ts'
import { readIds } from './commit-ids.ts'
import { commitDetailEntity, commitEntity, countLines, readCommits, shapeCommit, shapeStats } from './commit-shape.ts'
import { askForDiff, diffEntity, shapeDiff, unidiffInput } from './diff-shape.ts'
import { askForNames } from './ref-page.ts'
import { cleanPath } from './repository-path.ts'
import { resolve, resolveDefault } from './revision.ts'

const listInput = z.object({
  ref_name: optional(text(1024)).meta({ description: 'Branch, tag or commit; the default branch unless asked.' }),
  since: optional(moment()),
  until: optional(moment()),
  path: optional(text(4096)),
  author: optional(text()).meta({ description: 'Part of the name or address, as it is written there.' }),
  all: optional(flag()),
  with_stats: optional(flag()),
  first_parent: optional(flag()),
  order: optional(oneOf(['default', 'topo'])),
  trailers: optional(flag()),
})
type ListInput = z.output<typeof listInput>

const seconds = (moment: string | undefined): number | undefined => (moment === undefined ? undefined : Date.parse(moment) / 1000)

const startOf = async (code: Code, input: ListInput): Promise<string | 'all' | undefined> => {
  // Git takes a path that leads out of the repository for a fault; no commit has changed it.
  if (input.path?.split('/').includes('..')) return undefined
  if (input.all) return (await code.refs).size === 0 ? undefined : 'all'
  return input.ref_name === undefined ? resolveDefault(code) : resolve(code, input.ref_name)
}

/** Git counts no further. */
const farthest = 2 ** 31 - 1

/** One more than the page holds, so that it is known whether another follows; GitLab counts no commits either. */
const inquiryFor = (input: ListInput, from: string, page: Page): HistoryInquiry => ({
  kind: 'history',
  from,
  path: cleanPath(input.path ?? '') || undefined,
  author: input.author,
  since: seconds(input.since),
  until: seconds(input.until),
  firstParent: input.first_parent ?? false,
  topological: input.order === 'topo',
  skip: Math.min((page.number - 1) * page.size, farthest),
  most: page.size + 1,
})

const shapeList = async (code: Code, input: ListInput, commits: readonly Commit[]) => {
  const counts = input.with_stats && commits.length > 0 ? await countLines(code, commits) : undefined
  return commits.map((commit) => ({
    ...shapeCommit(code, commit, input.trailers),
    ...(counts && { stats: shapeStats(counts.get(commit.id)) }),
  }))
}

/** A ref that is not there has no commits. */
const list = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const input = call.read(listInput)
  const page = pageOf(call)
  const from = await startOf(code, input)
  const ids = from === undefined ? [] : await code.ask(inquiryFor(input, from, page), readIds)
  const commits = await readCommits(code, ids.slice(0, page.size))
  const body = await shapeList(
    code,
    input,
    commits.filter((commit) => commit !== undefined),
  )
  return ok(body, pageHeaders(call, page, ids.length > page.size, undefined))
}

/** The commit that the path names. Throws 404. */
const findCommit = async (code: Code): Promise<Commit> => {
  const id = await resolve(code, code.call.word('sha'))
  const [commit] = id === undefined ? [] : await readCommits(code, [id])
  if (commit === undefined) throw notFound('Commit')
  return commit
}

const getInput = z.object({ stats: optional(flag()).meta({ description: 'True unless asked.' }) })

const get = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const { stats = true } = call.read(getInput)
  const commit = await findCommit(code)
  return ok({
    ...shapeCommit(code, commit),
    ...(stats && { stats: shapeStats((await countLines(code, [commit])).get(commit.id)) }),
    status: null,
    project_id: code.project.id,
    last_pipeline: null,
  })
}

const diffInput = z.object(unidiffInput)

/** Against the first parent, as GitLab shows it; of a first commit all that it holds. */
const diff = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const { unidiff } = call.read(diffInput)
  const { id, parents } = await findCommit(code)
  const { files } = await askForDiff(code, parents[0], id, true)
  return paginateRows(call, files, (file) => shapeDiff(file, unidiff))
}

const refsInput = z.object({ type: optional(oneOf(['branch', 'tag', 'all'])) })

/** gitlab `API::Entities::BasicRef` */
const refEntity = z.object({ type: z.enum(['branch', 'tag']), name: words }).meta({ id: 'BasicRef' })

const refs = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const { type = 'all' } = call.read(refsInput)
  const { id } = await findCommit(code)
  const containing = (kind: 'branch' | 'tag', prefix: string) =>
    type === 'all' || type === kind ? askForNames(code, `${prefix}/`, { patterns: [prefix], contains: id }) : []
  const found = [
    ...(await containing('branch', 'refs/heads')).map((name) => ({ type: 'branch', name })),
    ...(await containing('tag', 'refs/tags')).map((name) => ({ type: 'tag', name })),
  ]
  return paginateRows(call, found, (row) => row)
}

const at = '/projects/:id/repository/commits'

export const commitRoutes: readonly Route[] = [
  route('GET', at, { jobToken: true, handler: list, open: true, input: [listInput], output: commitEntity, paged: true }),
  route('GET', `${at}/:sha`, { jobToken: true, handler: get, open: true, input: [getInput], output: commitDetailEntity }),
  route('GET', `${at}/:sha/diff`, {
    jobToken: true,
    handler: diff,
    open: true,
    input: [diffInput],
    output: diffEntity,
    paged: true,
  }),
  route('GET', `${at}/:sha/refs`, {
    jobToken: true,
    handler: refs,
    open: true,
    input: [refsInput],
    output: refEntity,
    paged: true,
  }),
]

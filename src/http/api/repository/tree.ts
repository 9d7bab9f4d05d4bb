import { z } from 'zod'
import { readTreeEntries, type TreeEntry } from '../../../git/tree-entries.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { words } from '../entity-words.ts'
import { ApiError, notFound, parameterError } from '../errors.ts'
import { flag, optional, text } from '../input.ts'
import { publicAddress } from '../page-address.ts'
import { pageInput } from '../page-input.ts'
import { type Page, pageHeaders, pageOf } from '../pagination.ts'
import { type Code, reachCode } from './code.ts'
import { findEntry } from './entry.ts'
import { cleanPath } from './repository-path.ts'
import { resolve, resolveDefault } from './revision.ts'
import { readWindow, type Wanted } from './tree-window.ts'

const treeInput = z.object({
  ref: optional(text(1024)).meta({ description: 'Branch, tag or commit; the default branch unless asked.' }),
  path: optional(text(4096)),
  recursive: optional(flag()),
  page_token: optional(text(4096)).meta({
    description: 'With `pagination=keyset`: path or id of the last entry of the page before.',
  }),
})

/** gitlab `API::Entities::TreeObject` */
const treeEntity = z
  .object({ id: words, name: words, type: z.enum(['tree', 'blob', 'commit']), path: words, mode: words })
  .meta({ id: 'TreeObject' })

/** The farthest entry that is shown by page number, and how many are shown at once; GitLab's bound for lists by offset. */
const farthest = 50_000

const tooFar = (): ApiError => {
  const error = `Offset pagination has a maximum allowed offset of ${farthest} for a tree. Remaining records can be retrieved using keyset pagination.`
  return new ApiError(405, { error }, { log: { 'meta.refusal_reason': 'pagination' } })
}

const shape = ({ id, type, path, mode }: TreeEntry): z.output<typeof treeEntity> => ({
  id,
  name: path.slice(path.lastIndexOf('/') + 1),
  type,
  path,
  mode,
})

/** The tree that is asked for: the whole, or what lies under a path; undefined for an empty repository. */
const findTree = async (code: Code, path: string, ref: string | undefined): Promise<string> => {
  const commit = ref === undefined ? await resolveDefault(code) : await resolve(code, ref)
  if (commit === undefined) throw notFound('Tree')
  if (path === '') return commit
  const entry = await findEntry(code, commit, path)
  if (entry?.type !== 'tree') throw notFound('invalid revision or path')
  return entry.id
}

async function* under(path: string, entries: AsyncIterable<TreeEntry>): AsyncGenerator<TreeEntry> {
  for await (const entry of entries) yield path === '' ? entry : { ...entry, path: `${path}/${entry.path}` }
}

type Pagination = z.output<typeof pageInput>['pagination']

const wantedBy = (
  { number, size }: Page,
  pagination: Pagination,
  { page_token: token, recursive = false }: z.output<typeof treeInput>,
): Wanted => {
  if (pagination === 'none') {
    if (!recursive) throw parameterError('pagination cannot be "none" unless "recursive" is true')
    return { kind: 'place', start: 0, size: farthest }
  }
  if (pagination === 'keyset') return token === undefined ? { kind: 'place', start: 0, size } : { kind: 'behind', token, size }
  if (number * size > farthest) throw tooFar()
  return { kind: 'place', start: (number - 1) * size, size }
}

/** @param last the last entry that is shown, where others follow */
const headersFor = (
  call: Call,
  page: Page,
  pagination: Pagination,
  total: number,
  last: TreeEntry | undefined,
): Record<string, string> => {
  if (pagination === 'none') return {}
  if (pagination !== 'keyset') return pageHeaders(call, page, last !== undefined, total)
  if (last === undefined) return {}
  return { Link: `<${publicAddress(call, { page_token: last.path, per_page: page.size })}>; rel="next"` }
}

const list = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const input = call.read(treeInput)
  const { pagination } = call.read(pageInput)
  const { ref, recursive = false } = input
  const page = pageOf(call)
  const wanted = wantedBy(page, pagination, input)
  const path = cleanPath(input.path ?? '')
  const id = await findTree(code, path, ref)
  const read = (output: AsyncIterable<Buffer>) => readWindow(under(path, readTreeEntries(output)), wanted)
  const { entries, total, found } = await code.ask({ kind: 'tree', id, recursive }, read)
  if (!found) throw notFound('invalid page token')
  const shown = entries.slice(0, wanted.size)
  const hasMore = entries.length > wanted.size
  if (hasMore && pagination === 'none') throw tooFar()
  return ok(shown.map(shape), headersFor(call, page, pagination, total, hasMore ? shown.at(-1) : undefined))
}

export const treeRoutes: readonly Route[] = [
  route('GET', '/projects/:id/repository/tree', {
    handler: list,
    open: true,
    input: [treeInput],
    output: treeEntity,
    paged: true,
  }),
]

import { z } from 'zod'
import type { Refusal } from '../../../core/refusal.ts'
import { makeTag, type NewTag } from '../../../git/ref-changes.ts'
import { shieldOf } from '../../../store/push-shield.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { ApiError, forbidden, notFound } from '../errors.ts'
import { filledText, oneOf, optional, text } from '../input.ts'
import { refuseLiveTokens } from '../live-tokens.ts'
import { type Code, reachCode, refusedBy, requirePush } from './code.ts'
import { changeRefs, creationOf, deletionOf, isGoodName, isInTheWay, refuseNewer } from './ref-change.ts'
import { askForNames, pageOfNames, refPageInput } from './ref-page.ts'
import { searchNames } from './ref-search.ts'
import { resolve } from './revision.ts'
import { shapeTag, shapeTags, tagEntity } from './tag-shape.ts'

const longest = 1024
/** Longest message of a tag, in characters. */
const longestMessage = 64 * 2 ** 10

const listInput = z.object({
  order_by: optional(oneOf(['name', 'updated', 'version'])).meta({ description: '`updated` unless asked.' }),
  sort: optional(oneOf(['asc', 'desc'])).meta({ description: '`desc` unless asked.' }),
  search: optional(text(longest)).meta({ description: 'Part of a name; `^` is its beginning, `$` its end, `*` anything.' }),
})

const newInput = z.object({
  tag_name: filledText(longest),
  ref: filledText(longest),
  message: optional(text(longestMessage)).meta({ description: 'Makes an annotated tag.' }),
})

const refused = (message: string): ApiError => new ApiError(400, { message }, { log: { 'meta.refusal_reason': 'tag_refused' } })

const sorts = {
  asc: { updated: 'creatordate', version: 'version:refname' },
  desc: { updated: '-creatordate', version: '-version:refname' },
} as const

const sortedNames = async (
  code: Code,
  { order_by = 'updated', sort = 'desc' }: z.output<typeof listInput>,
): Promise<string[]> => {
  const tags = await code.tags()
  if (tags.size === 0) return []
  if (order_by === 'name') {
    const names = [...tags.keys()].sort()
    return sort === 'asc' ? names : names.reverse()
  }
  const names = await askForNames(code, 'refs/tags/', { patterns: ['refs/tags'], sort: sorts[sort][order_by] })
  return names.filter((name) => tags.has(name))
}

const list = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const input = call.read(listInput)
  const names = await sortedNames(code, input)
  const found = input.search === undefined ? names : searchNames(names, input.search)
  return pageOfNames(code, found, 'refs/tags/', (page) => shapeTags(code, page))
}

const findTag = async (code: Code): Promise<{ name: string; id: string }> => {
  const name = code.call.word('tag_name')
  const id = (await code.tags()).get(name)
  if (id === undefined) throw notFound('Tag')
  return { name, id }
}

const get = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { name } = await findTag(code)
  return ok(await shapeTag(code, name))
}

/** An annotated tag is by the caller and of this moment; a light one is no object of its own. */
const tagObject = (call: Call, name: string, commit: string, message: string): NewTag | undefined => {
  if (message === '') return undefined
  const { account } = requireUser(call.caller)
  const target = { id: commit, type: 'commit' }
  return makeTag({ name, target, tagger: { name: account.name, email: account.email }, message, at: call.now })
}

/** gitlab `app/services/tags/create_service.rb` */
const create = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { tag_name: name, ref, message } = call.read(newInput)
  await requirePush(code)
  if (!isGoodName(name, 'refs/tags/')) throw refused('Tag name invalid')
  const full = `refs/tags/${name}`
  const refs = await code.refs
  if (refs.has(full)) throw refused(`Tag ${name} already exists`)
  const commit = await resolve(code, ref)
  if (commit === undefined) throw refused(`Target ${ref} is invalid`)
  if (isInTheWay(refs, full)) throw refused(`Failed to create a tag: ${name}`)
  const tag = tagObject(call, name, commit, message?.trim() ?? '')
  if (tag !== undefined) await refuseLiveTokens(call, shieldOf(code.project), tag.content)
  await changeRefs(code, [creationOf(full, tag?.id ?? commit)], { tag })
  return created(await shapeTag(await reachCode(call, 'forbidden'), name))
}

const byRole = ['tag_change_denied', 'protected_tag_deletion_denied', 'ref_push_denied']

/** One whose role is too low to delete the tag is told by status alone (gitlab `app/policies/gitlab/git/tag_policy.rb`). */
const refusedByRole = (refusal: Refusal): ApiError =>
  byRole.includes(refusal.reason) ? forbidden(undefined, refusal.reason) : refusedBy(refusal)

const remove = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { name, id } = await findTag(code)
  await requirePush(code)
  const full = `refs/tags/${name}`
  await refuseNewer(code, id)
  await changeRefs(code, [deletionOf(full, id)], { refusal: refusedByRole })
  return noContent
}

const at = '/projects/:id/repository/tags'

export const tagRoutes: readonly Route[] = [
  route('GET', at, {
    jobToken: true,
    handler: list,
    open: true,
    input: [listInput, refPageInput],
    output: tagEntity,
    paged: true,
  }),
  route('GET', `${at}/:tag_name`, { jobToken: true, handler: get, open: true, output: tagEntity }),
  route('POST', at, { handler: create, open: true, input: [newInput], output: tagEntity }),
  route('DELETE', `${at}/:tag_name`, { handler: remove, open: true }),
]

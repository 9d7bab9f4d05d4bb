import { z } from 'zod'
import { isValidRefName } from '../../../access/rules/ref-name.ts'
import { type Answer, accepted, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { messageEntity } from '../entity-words.ts'
import { ApiError, notFound, parameterError } from '../errors.ts'
import { filledText, oneOf, optional, text } from '../input.ts'
import { branchEntity, mergedAmong, shapeBranch, shapeBranches } from './branch-shape.ts'
import { type Code, reachCode, requirePush } from './code.ts'
import { protectedNames } from './protected-names.ts'
import { changeRefs, creationOf, deletionOf, isGoodName, isInTheWay, refuseNewer } from './ref-change.ts'
import { askForNames, pageOfNames, refPageInput } from './ref-page.ts'
import { searchNames } from './ref-search.ts'
import { resolve } from './revision.ts'

/** Longest name of a ref, and longest text by which one is looked for, in characters. */
const longest = 1024

const listInput = z.object({
  search: optional(text(longest)).meta({ description: 'Part of a name; `^` is its beginning, `$` its end, `*` anything.' }),
  regex: optional(text(longest)).meta({ description: 'Not supported: 400.' }),
  sort: optional(oneOf(['name_asc', 'updated_asc', 'updated_desc'])),
})

const newInput = z.object({ branch: filledText(longest), ref: filledText(longest) })

const refused = (message: string): ApiError =>
  new ApiError(400, { message }, { log: { 'meta.refusal_reason': 'branch_refused' } })

const sorts = { updated_asc: 'committerdate', updated_desc: '-committerdate' } as const

const sortedNames = async (code: Code, sort: 'name_asc' | keyof typeof sorts = 'name_asc'): Promise<string[]> => {
  const branches = await code.branches()
  if (sort === 'name_asc' || branches.size === 0) return [...branches.keys()].sort()
  const names = await askForNames(code, 'refs/heads/', { patterns: ['refs/heads'], sort: sorts[sort] })
  return names.filter((name) => branches.has(name))
}

const list = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const { search, regex, sort } = call.read(listInput)
  // A pattern that a client chose could hold up everyone; one that is not looked at would find too much.
  if (regex !== undefined) throw parameterError('regex is not supported')
  const names = await sortedNames(code, sort)
  const found = search === undefined ? names : searchNames(names, search)
  return pageOfNames(code, found, 'refs/heads/', (page) => shapeBranches(code, page))
}

/** The branch that the path names, and where it is. */
const findBranch = async (code: Code): Promise<{ name: string; id: string }> => {
  const name = code.call.word('branch')
  if (!isValidRefName(`refs/heads/${name}`)) throw refused('The branch refname is invalid')
  const id = (await code.branches()).get(name)
  if (id === undefined) throw notFound('Branch')
  return { name, id }
}

const get = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const { name } = await findBranch(code)
  return call.method === 'HEAD' ? noContent : ok(await shapeBranch(code, name))
}

/** The code again as it is after a change; the first branch of a project is its default branch from then on. */
const afterwards = (call: Call): Promise<Code> => reachCode(call, 'absent')

/** gitlab `app/services/branches/create_service.rb` */
const create = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  const { branch, ref } = call.read(newInput)
  await requirePush(code)
  if (!isGoodName(branch, 'refs/heads/')) throw refused('Branch name is invalid')
  const full = `refs/heads/${branch}`
  const refs = await code.refs
  if (refs.has(full)) throw refused('Branch already exists')
  const id = await resolve(code, ref)
  if (id === undefined) throw refused(`Failed to create branch '${branch}': invalid reference name '${ref}'`)
  if (isInTheWay(refs, full)) {
    throw refused(`Failed to create branch '${branch}': Branch name conflicts with existing branch hierarchy.`)
  }
  await changeRefs(code, [creationOf(full, id)])
  return created(await shapeBranch(await afterwards(call), branch))
}

const remove = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  await requirePush(code)
  const { name, id } = await findBranch(code)
  await refuseNewer(code, id)
  await changeRefs(code, [deletionOf(`refs/heads/${name}`, id)])
  return noContent
}

/** Protected branches stay, and those that are where the default branch is (gitlab `delete_merged_service.rb`). */
const removeMerged = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'absent')
  await requirePush(code)
  const branches = await code.branches()
  const isProtected = await protectedNames(code, 'branch')
  const candidates = [...branches.keys()].filter((name) => name !== code.project.default_branch && !isProtected(name))
  const merged = await mergedAmong(code, candidates)
  const changes = [...merged].map((name) => deletionOf(`refs/heads/${name}`, branches.get(name) ?? ''))
  if (changes.length > 0) await changeRefs(code, changes)
  return accepted()
}

const at = '/projects/:id/repository'

export const branchRoutes: readonly Route[] = [
  route('GET', `${at}/branches`, {
    jobToken: true,
    handler: list,
    open: true,
    input: [listInput, refPageInput],
    output: branchEntity,
    paged: true,
  }),
  route('GET', `${at}/branches/:branch`, { jobToken: true, handler: get, open: true, output: branchEntity }),
  route('POST', `${at}/branches`, { handler: create, open: true, input: [newInput], output: branchEntity }),
  route('DELETE', `${at}/branches/:branch`, { handler: remove, open: true }),
  route('DELETE', `${at}/merged_branches`, { handler: removeMerged, open: true, output: messageEntity, status: 202 }),
]

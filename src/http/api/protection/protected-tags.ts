import { z } from 'zod'
import { accessLevels } from '../../../core/access-level.ts'
import { addProtectedRef, type ProtectedRef, protectedRefs, removeProtectedRef } from '../../../store/protected-refs.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { wholeNumber, words } from '../entity-words.ts'
import { unprocessable } from '../errors.ts'
import { text } from '../input.ts'
import { paginateRows } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { reachProject } from '../reach.ts'
import { findProtectedRef } from './find-protected-ref.ts'
import { aboutRule } from './protected-audit.ts'
import { refuseBlank, refuseStrangers, tooMany } from './protected-level-checks.ts'
import { accessLevel, levelEntries, newLevels } from './protected-level-input.ts'
import { levelEntity, shapeLevels } from './protected-level-shape.ts'

/** gitlab `API::Entities::ProtectedTag`. */
const tagEntity = z
  .object({ id: wholeNumber, name: words, create_access_levels: z.array(levelEntity) })
  .meta({ id: 'ProtectedTag' })

const shape = (rule: ProtectedRef): z.output<typeof tagEntity> => ({
  id: rule.id,
  name: rule.name,
  create_access_levels: shapeLevels(rule.levels, 'create'),
})

const newInput = z.object({ name: text(), create_access_level: accessLevel(), allowed_to_create: levelEntries() })

const list = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  return paginateRows(call, await protectedRefs(call.parts.store.read, project.id, 'tag'), shape)
}

const get = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  return ok(shape(await findProtectedRef(call, project, 'tag')))
}

const protect = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  const input = call.read(newInput)
  const levels = newLevels('create', input.create_access_level, input.allowed_to_create, accessLevels.maintainer)
  refuseBlank(input.name)
  await refuseStrangers(call, project, levels)
  const rule = { project: project.id, kind: 'tag', name: input.name, allowForcePush: false, levels } as const
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => addProtectedRef(transaction, rule, call.now))
  // Unlike branches: GitLab leaves this to the record's validation (gitlab `spec/requests/api/protected_tags_spec.rb`).
  if (outcome === 'exists') throw unprocessable(['Name has already been taken'])
  if (outcome === 'full') throw tooMany('protected tags')
  const made = await findProtectedRef(call, project, 'tag', input.name)
  call.audit({
    name: 'protected_tag_created',
    ...aboutRule(project, made, 'ProtectedTag'),
    message: `Protected tag ${made.name}`,
  })
  return created(shape(made))
}

const unprotect = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  const rule = await findProtectedRef(call, project, 'tag')
  refuseModified(call, rule.changed_at)
  await call.parts.store.write.transaction().execute((transaction) => removeProtectedRef(transaction, rule.id))
  call.audit({
    name: 'protected_tag_removed',
    ...aboutRule(project, rule, 'ProtectedTag'),
    message: `Unprotected tag ${rule.name}`,
  })
  return noContent
}

/** As with branches, nobody in particular gets 403, or 404 for what is hidden. */
export const protectedTagRoutes: readonly Route[] = [
  route('GET', '/projects/:id/protected_tags', { open: true, output: tagEntity, paged: true, handler: list }),
  route('POST', '/projects/:id/protected_tags', {
    open: true,
    input: [newInput],
    output: tagEntity,
    handler: protect,
  }),
  route('GET', '/projects/:id/protected_tags/:name', { open: true, output: tagEntity, handler: get }),
  route('DELETE', '/projects/:id/protected_tags/:name', { open: true, handler: unprotect }),
]

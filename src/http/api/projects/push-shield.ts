import { z } from 'zod'
import type { ProjectId } from '../../../core/ids.ts'
import type { PushShield } from '../../../core/project.ts'
import { readPushShield, writePushShield } from '../../../store/push-shield.ts'
import type { Reader } from '../../../store/routes.ts'
import { type Answer, ok } from '../answer.ts'
import { aboutProject, changesOf } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { yesNo } from '../entity-words.ts'
import { notFound, parameterError } from '../errors.ts'
import { flag, optional } from '../input.ts'
import { reachProject } from '../reach.ts'

const shieldEntity = z.object({ enabled: yesNo, revoke: yesNo }).meta({ id: 'PushShield' })

const changeInput = z.object({
  enabled: optional(flag()).meta({ description: 'Refuses pushes that bring a token of this server which still works.' }),
  revoke: optional(flag()).meta({ description: 'Ends such a token at once.' }),
})

const read = async (reader: Reader, id: ProjectId): Promise<PushShield> => {
  const shield = await readPushShield(reader, id)
  if (shield === undefined) throw notFound('Project')
  return shield
}

const show = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  return ok(await read(call.parts.store.read, project.id))
}

const changeNames = [
  ['enabled', 'project_push_shield_updated'],
  ['revoke', 'project_push_shield_revocation_updated'],
] as const

const update = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const { enabled, revoke } = call.read(changeInput)
  if (enabled === undefined && revoke === undefined) {
    throw parameterError('enabled, revoke are missing, at least one parameter must be provided')
  }
  const change = { ...(enabled !== undefined && { enabled }), ...(revoke !== undefined && { revoke }) }
  const [before, after] = await call.parts.store.write.transaction().execute(async (transaction) => {
    const known = await read(transaction, project.id)
    await writePushShield(transaction, project.id, change)
    return [known, { ...known, ...change }] as const
  })
  call.audit(...changesOf(before, after, changeNames, aboutProject(project)))
  return ok(after)
}

const at = '/projects/:id/sallyport/push_shield'

/** What becomes of pushes that bring live tokens; Maintainers see and set it. */
export const pushShieldRoutes: readonly Route[] = [
  route('GET', at, { output: shieldEntity, handler: show }),
  route('PUT', at, { input: [changeInput], output: shieldEntity, handler: update }),
]

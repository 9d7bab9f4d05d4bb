import { z } from 'zod'
import { readCiSettings, writeCiSettings } from '../../../store/ci/settings.ts'
import type { Project } from '../../../store/projects.ts'
import { type Answer, noContent, ok } from '../answer.ts'
import { aboutProject } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { yesNo } from '../entity-words.ts'
import { flag } from '../input.ts'
import { reachProject } from '../reach.ts'

/** gitlab `API::Entities::ProjectJobTokenScope`. A job reaches out as far as other projects let it in: that is no setting. */
const scopeEntity = z.object({ inbound_enabled: yesNo, outbound_enabled: yesNo }).meta({ id: 'ProjectJobTokenScope' })

const show = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const { inbound_enabled } = await readCiSettings(call.parts.store.read, project.id)
  return ok({ inbound_enabled: inbound_enabled === 1, outbound_enabled: false })
}

/** Tells the audit whether the allowlist bounds who comes in, where that changed (gitlab `Projects::UpdateService`). */
const auditInbound = (call: Call, project: Project, before: 0 | 1, after: 0 | 1): void => {
  if (before === after) return
  const word = after === 1 ? 'enabled' : 'disabled'
  const message = `Secure ci_job_token was ${word} for inbound`
  call.audit({ ...aboutProject(project), name: `secure_ci_job_token_inbound_${word}`, message })
}

const change = z.object({ enabled: flag() })

const update = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const inbound_enabled = call.read(change).enabled ? 1 : 0
  const before = await call.parts.store.write.transaction().execute(async (transaction) => {
    const settings = await readCiSettings(transaction, project.id)
    await writeCiSettings(transaction, project.id, { inbound_enabled })
    return settings.inbound_enabled
  })
  auditInbound(call, project, before, inbound_enabled)
  return noContent
}

const at = '/projects/:id/job_token_scope'

/** Whether a project is open to the job tokens of all others (gitlab `lib/api/project_job_token_scope.rb`). */
export const jobTokenScopeRoutes: readonly Route[] = [
  route('GET', at, { output: scopeEntity, handler: show }),
  route('PATCH', at, { input: [change], status: 204, handler: update }),
]

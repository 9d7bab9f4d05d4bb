import { groupEntity, projectEntity } from '../../../store/audit-entities.ts'
import type { DeployTokenRow } from '../../../store/deploy-tokens.ts'
import type { Call } from '../call.ts'

/** What became of a deploy token, under GitLab's names. */
export const auditDeployToken = async (
  call: Call,
  token: DeployTokenRow,
  what: 'created' | 'revoked' | 'destroyed',
  message: string,
): Promise<void> => {
  const { read } = call.parts.store
  const ofProject = token.project_id !== null
  const found = token.project_id === null ? await groupEntity(read, token.group_id) : await projectEntity(read, token.project_id)
  call.audit({
    name: `${ofProject ? '' : 'group_'}deploy_token_${what}`,
    entity: found ?? { kind: 'Instance' },
    target: { type: 'DeployToken', id: token.id, details: token.name },
    message: `${message} with name: ${token.name} with token_id: ${token.id}`,
  })
}

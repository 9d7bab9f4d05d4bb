import type { AuditEntity, AuditNote } from '../../../core/audit.ts'
import { groupEntity, projectEntity } from '../../../store/audit-entities.ts'
import { projectsOfRunner, type RunnerRow } from '../../../store/ci/runners.ts'
import type { Call } from '../call.ts'

/** Where a runner's events belong: its group, the project in which it was made, or the instance. */
export const runnerHome = async (call: Call, runner: RunnerRow): Promise<AuditEntity> => {
  const { read } = call.parts.store
  if (runner.group_id !== null) return (await groupEntity(read, runner.group_id)) ?? { kind: 'Instance' }
  const [project] = await projectsOfRunner(read, runner.id)
  return (project === undefined ? undefined : await projectEntity(read, project)) ?? { kind: 'Instance' }
}

/** GitLab's event types about runners; it has none of changes. */
type RunnerEvent =
  | 'ci_runner_created'
  | 'ci_runner_registered'
  | 'ci_runner_unregistered'
  | 'ci_runner_updated'
  | 'ci_runner_token_reset'
  | 'ci_runner_assigned_to_project'
  | 'ci_runner_unassigned_from_project'

export const runnerNote = (name: RunnerEvent, entity: AuditEntity, runner: RunnerRow, message: string): AuditNote => ({
  name,
  entity,
  target: { type: 'Ci::Runner', id: runner.id, details: runner.description },
  message,
})

import { mayTransferInto } from '../../../access/policy.ts'
import { transferProject } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { ApiError, notFound } from '../errors.ts'
import { findNamespace, type ReachedGroup, type ReachedProject } from '../reach.ts'
import { creationPlace } from './project-create.ts'
import { namespaceWord } from './project-input.ts'

/** GitLab prints the messages of a failed transfer as Ruby writes a hash. */
const failed = (reason: string): ApiError =>
  new ApiError(
    400,
    { message: `Failed to transfer project {:new_namespace=>["${reason}"]}` },
    { log: { 'meta.refusal_reason': 'transfer_failed' } },
  )

const refuse = (call: Call, { project }: ReachedProject, { group, standing }: ReachedGroup): void => {
  const { user } = requireUser(call.caller)
  if (group.id === project.namespace_id) throw failed('Project is already in this namespace.')
  if (!mayTransferInto(user, standing.role, creationPlace(group))) {
    throw failed("You don't have permission to transfer projects into that namespace.")
  }
}

/** Moves the project into a namespace in which the caller may make projects, and in a group is a Maintainer. */
export const transfer = async (call: Call, reached: ReachedProject): Promise<void> => {
  const target = await findNamespace(call, namespaceWord(call))
  if (target === undefined) throw notFound('Namespace')
  await moveInto(call, reached, target)
}

/** The same into a namespace that was found already. */
export const moveInto = async (call: Call, reached: ReachedProject, target: ReachedGroup): Promise<void> => {
  refuse(call, reached, target)
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => transferProject(transaction, reached.project.id, target.group.id, call.now))
  if (outcome === 'taken') throw failed('Project with same name or path in target namespace already exists')
  if (outcome === 'gone') throw notFound('Namespace')
}

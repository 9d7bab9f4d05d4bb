import { Secret } from '../core/secret.ts'
import {
  type DeployTokenQuery,
  deployTokensOf,
  nameForJobs,
  placeOfDeployToken,
  workingDeployTokens,
} from '../store/deploy-tokens.ts'
import type { VariableParts } from './parts.ts'
import type { PayloadVariable } from './payload-shape.ts'
import type { Subject } from './subject.ts'
import { hidden, shown } from './variable.ts'

const firstOf = (query: DeployTokenQuery, now: number) =>
  workingDeployTokens(query, now).where('name', '=', nameForJobs).where('sealed', 'is not', null).orderBy('id').executeTakeFirst()

/**
 * The deploy token that jobs are told: the project's, or else that of the group in which the project stands (gitlab
 * `Ci::Deployable#deploy_token_variables`). A group further up gives none.
 */
export const deployTokenVariables = async (
  { store, sealer, clock }: Pick<VariableParts, 'store' | 'sealer' | 'clock'>,
  { project }: Pick<Subject, 'project'>,
): Promise<PayloadVariable[]> => {
  const now = clock()
  const token =
    (await firstOf(deployTokensOf(store.read, { kind: 'project', id: project.id }), now)) ??
    (await firstOf(deployTokensOf(store.read, { kind: 'group', id: project.namespace_id }), now))
  if (token === undefined || token.sealed === null) return []
  const password = Secret.open(sealer.open(token.sealed, placeOfDeployToken(token.id)))
  return [shown('CI_DEPLOY_USER', token.username), hidden('CI_DEPLOY_PASSWORD', password)]
}

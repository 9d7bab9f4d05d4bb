import { projectEntity } from '../store/audit-entities.ts'
import { cancelJob } from '../store/ci/finish.ts'
import { prefixOf, replaceRunnerToken } from '../store/ci/runners.ts'
import { revokeDeployToken, selectDeployTokens, workingDeployTokens } from '../store/deploy-tokens.ts'
import { beforeItsMoment } from '../store/in-force.ts'
import { instantOf } from '../store/instant.ts'
import { updateTrigger } from '../store/triggers.ts'
import { makeToken } from '../tokens/make.ts'
import { entityAt, type FindLive } from './live-token.ts'

export const liveDeployTokens: FindLive = async (reader, digests, now) => {
  const rows = await workingDeployTokens(selectDeployTokens(reader), now).where('digest', 'in', digests).execute()
  return rows.map((token) => ({
    digest: token.digest,
    kind: 'deploy token',
    async end(store) {
      await revokeDeployToken(store, token.id)
      return {
        name: token.project_id === null ? 'group_deploy_token_revoked' : 'deploy_token_revoked',
        entity: await entityAt(store.read, token),
        target: { type: 'DeployToken', id: token.id, details: token.name },
        message: `Revoked deploy token with name: ${token.name}`,
      }
    },
  }))
}

export const liveTriggers: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('triggers')
    .selectAll()
    .where('digest', 'in', digests)
    .where(beforeItsMoment('expires_at', now))
    .execute()
  return rows.map(({ id, digest, description, project_id }) => ({
    digest,
    kind: 'pipeline trigger token',
    async end(store, at) {
      await updateTrigger(store, id, { expires_at: instantOf(at) }, at)
      return {
        name: 'pipeline_trigger_token_revoked',
        entity: (await projectEntity(store.read, project_id)) ?? { kind: 'Instance' },
        target: { type: 'Ci::Trigger', id, details: description },
        message: `Revoked pipeline trigger token ${id}`,
      }
    },
  }))
}

export const liveJobs: FindLive = async (reader, digests) => {
  const rows = await reader
    .selectFrom('jobs')
    .select(['id', 'name', 'project_id', 'token_digest'])
    .where('token_digest', 'in', digests)
    .where('status', 'in', ['running', 'canceling'])
    .execute()
  return rows.map(({ id, name, project_id, token_digest }) => ({
    digest: token_digest ?? '',
    kind: 'job token',
    async end(store, now) {
      await store.write.transaction().execute((transaction) => cancelJob(transaction, id, now))
      return {
        name: 'job_canceled',
        entity: (await projectEntity(store.read, project_id)) ?? { kind: 'Instance' },
        target: { type: 'Ci::Build', id, details: name },
        message: `Canceled job ${id}, whose token was found`,
      }
    },
  }))
}

/** A runner gets another token, which nobody is told: its owner resets it again. */
export const liveRunners: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('runners')
    .selectAll()
    .where('token_digest', 'in', digests)
    .where(beforeItsMoment('token_expires_at', now))
    .execute()
  return rows.map((row) => ({
    digest: row.token_digest,
    kind: 'runner token',
    async end(store, at) {
      await replaceRunnerToken(store, row.id, makeToken(prefixOf(row)).digest, at)
      return {
        name: 'ci_runner_token_reset',
        entity: await entityAt(store.read, { project_id: null, group_id: row.group_id }),
        target: { type: 'Ci::Runner', id: row.id, details: row.description },
        message: `Reset the token of runner ${row.id}, which was found`,
      }
    },
  }))
}

/** A place gets another one when it is asked for. */
export const liveRegistrations: FindLive = async (reader, digests) => {
  const rows = await reader.selectFrom('registration_tokens').selectAll().where('digest', 'in', digests).execute()
  return rows.map(({ id, digest, ...placed }) => ({
    digest,
    kind: 'runner registration token',
    async end(store) {
      await store.write.deleteFrom('registration_tokens').where('id', '=', id).execute()
      return {
        name: 'ci_runners_registration_token_reset',
        entity: await entityAt(store.read, placed),
        target: { type: 'Ci::RunnerRegistrationToken', id, details: 'runner registration token' },
        message: 'Ended a runner registration token, which was found',
      }
    },
  }))
}

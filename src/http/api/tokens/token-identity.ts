import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { revokeToken, type TokenRow, type TokenWithUser, tokenByDigest } from '../../../store/access-tokens.ts'
import { groupEntity, projectEntity } from '../../../store/audit-entities.ts'
import { cancelJob } from '../../../store/ci/finish.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { prefixOf, type RunnerRow, replaceRunnerToken, runnerByDigest } from '../../../store/ci/runners.ts'
import { type DeployTokenRow, deployTokenByDigest, revokeDeployToken } from '../../../store/deploy-tokens.ts'
import { type ApplicationRow, applicationBySecretDigest, renewSecret } from '../../../store/oauth/applications.ts'
import { projectById } from '../../../store/projects.ts'
import type { UserTokenKind } from '../../../store/schema.ts'
import { readSetting } from '../../../store/settings.ts'
import { type Trigger, triggerByDigest, updateTrigger } from '../../../store/triggers.ts'
import { userByTokenDigest } from '../../../store/user-tokens.ts'
import { type Digest, digestOf } from '../../../tokens/digest.ts'
import { makeToken } from '../../../tokens/make.ts'
import type { Call } from '../call.ts'
import { jobEntity, shapeJob } from '../ci/job-shape.ts'
import { runnerHome, runnerNote } from '../ci/runner-audit.ts'
import { runnerEntity, shapeRunners } from '../ci/runner-shape.ts'
import { maybeNumber, yesNo } from '../entity-words.ts'
import { auditApplication } from '../oauth/application-life.ts'
import { applicationEntity, applicationShape } from '../oauth/application-shape.ts'
import { foundGrant } from '../trusts/found-grant.ts'
import { trustEntity } from '../trusts/trust-shape.ts'
import { profileEntity, profileShape } from '../users/user-shape.ts'
import { deployTokenEntity, deployTokenShape } from './deploy-tokens.ts'
import { useOf } from './last-use.ts'
import { tokenStory } from './token-audit.ts'
import { tokenEntity, tokenShape } from './token-shape.ts'
import { shapeTrigger, triggerEntity } from './trigger-shape.ts'
import { resetUserToken, userTokenPrefixes } from './user-token-reset.ts'

/** A stored token that a text is: what is told of it, and how it is ended. */
export interface IdentifiedToken {
  shape(): Promise<unknown>
  /** Revokes it, or puts another in its place where its owner always has one. */
  end(): Promise<void>
}

const rawTokenEntity = tokenEntity
  .extend({ impersonation: yesNo, previous_personal_access_token_id: maybeNumber })
  .meta({ id: 'IdentifiedAccessToken' })

/** gitlab wraps a job in a word of its own (`lib/api/entities/ci/job_token.rb`). */
const identifiedJobEntity = z.object({ job: jobEntity }).meta({ id: 'IdentifiedJob' })

/** What may be told: an access token, a deploy token, a trigger, the user to whom a feed or mail token belongs, a runner, a running job, or an application by its secret. */
export const identifiedEntity = z.union([
  applicationEntity,
  rawTokenEntity,
  deployTokenEntity,
  triggerEntity,
  profileEntity,
  runnerEntity,
  identifiedJobEntity,
  trustEntity,
])

const rawShape = async (call: Call, token: TokenRow): Promise<z.output<typeof rawTokenEntity>> => ({
  ...tokenShape(token, await useOf(call, 'access-token', token), call.now),
  impersonation: token.impersonation === 1,
  previous_personal_access_token_id: token.previous_id,
})

const endAccessToken = async (call: Call, { token }: TokenWithUser): Promise<void> => {
  const story = await tokenStory(call, token.user_id)
  await revokeToken(call.parts.store, token, call.now)
  story.ended(token)
}

const accessToken = async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
  const found = await tokenByDigest(call.parts.store.read, digest)
  return found && { shape: () => rawShape(call, found.token), end: () => endAccessToken(call, found) }
}

const endDeployToken = async (call: Call, token: DeployTokenRow): Promise<void> => {
  const { read } = call.parts.store
  const home = token.project_id === null ? await groupEntity(read, token.group_id) : await projectEntity(read, token.project_id)
  await revokeDeployToken(call.parts.store, token.id)
  call.audit({
    name: token.project_id === null ? 'group_deploy_token_revoked' : 'deploy_token_revoked',
    entity: home ?? { kind: 'Instance' },
    target: { type: 'DeployToken', id: token.id, details: token.name },
    message: `Revoked deploy token with name: ${token.name}`,
  })
}

const deployToken = async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
  const token = await deployTokenByDigest(call.parts.store.read, digest)
  return token && { shape: async () => deployTokenShape(token, call.now), end: () => endDeployToken(call, token) }
}

const endTrigger = async (call: Call, trigger: Trigger): Promise<void> => {
  const entity = await projectEntity(call.parts.store.read, trigger.project_id)
  await updateTrigger(call.parts.store, trigger.id, { expires_at: call.instant }, call.now)
  call.audit({
    name: 'pipeline_trigger_token_revoked',
    entity: entity ?? { kind: 'Instance' },
    target: { type: 'Ci::Trigger', id: trigger.id, details: trigger.description },
    message: `Revoked pipeline trigger token ${trigger.id}`,
  })
}

const trigger = async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
  const found = await triggerByDigest(call.parts.store.read, digest)
  return found && { shape: () => shapeTrigger(call, found), end: () => endTrigger(call, found) }
}

const ofUser =
  (kind: UserTokenKind) =>
  async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
    const account = await userByTokenDigest(call.parts.store.read, kind, digest)
    return (
      account && {
        shape: async () => profileShape(call, account),
        end: async () => {
          await resetUserToken(call, account, kind)
        },
      }
    )
  }

/** A job whose token was found somewhere is canceled: its token cannot be another's. */
const endJob = async (call: Call, row: JobRow): Promise<void> => {
  const entity = await projectEntity(call.parts.store.read, row.project_id)
  await call.parts.store.write.transaction().execute((transaction) => cancelJob(transaction, row.id, call.now))
  call.audit({
    name: 'job_canceled',
    entity: entity ?? { kind: 'Instance' },
    target: { type: 'Ci::Build', id: row.id, details: row.name },
    message: `Canceled job ${row.id}, whose token was found`,
  })
}

const shapeOfJob = async (call: Call, row: JobRow): Promise<z.output<typeof identifiedJobEntity> | undefined> => {
  const project = await projectById(call.parts.store.read, row.project_id)
  return project && { job: await shapeJob(call, project, row) }
}

const job = async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
  const row = await call.parts.store.read
    .selectFrom('jobs')
    .selectAll()
    .where('token_digest', '=', digest)
    .where('status', 'in', ['running', 'canceling'])
    .executeTakeFirst()
  return row && { shape: () => shapeOfJob(call, row), end: () => endJob(call, row) }
}

/** A runner whose token was found somewhere gets another, and with it nobody who has the old one. */
const endRunner = async (call: Call, row: RunnerRow): Promise<void> => {
  await replaceRunnerToken(call.parts.store, row.id, makeToken(prefixOf(row)).digest, call.now)
  call.audit(runnerNote('ci_runner_token_reset', await runnerHome(call, row), row, 'Reset the token of a runner'))
}

const runner = async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
  const row = await runnerByDigest(call.parts.store.read, digest, call.now)
  return row && { shape: async () => (await shapeRunners(call, [row]))[0], end: () => endRunner(call, row) }
}

/** An application whose secret was found somewhere gets another, which nobody is told: its owner renews it again. */
const endSecret = async (call: Call, row: ApplicationRow): Promise<void> => {
  await renewSecret(call.parts.store, row.id, makeToken('gloas-').digest, call.now)
  await auditApplication(call, row, 'secret_renewed', `Ended the secret of OAuth application ${row.name}, which was found`)
}

const application = async (call: Call, digest: Digest): Promise<IdentifiedToken | undefined> => {
  const row = await applicationBySecretDigest(call.parts.store.read, digest)
  return row && { shape: async () => applicationShape(row), end: () => endSecret(call, row) }
}

/** Kinds that GitLab knows by their prefix and of which none can be made here so far: such a token is never found. */
const notYetMade = ['glagent-', 'glffct-', '_gitlab_session=']

type Find = (call: Call, digest: Digest) => Promise<IdentifiedToken | undefined>

/** An administrator may have chosen another beginning for access tokens; an empty one fits every text, so they come last. */
const familiesFor = (chosen: string): readonly (readonly [string, Find])[] => [
  ['gldt-', deployToken],
  [userTokenPrefixes.feed, ofUser('feed')],
  [userTokenPrefixes.incoming_email, ofUser('incoming_email')],
  ['sptx-', foundGrant],
  ['glptt-', trigger],
  ['glcbt-', job],
  ['glrt-', runner],
  ['glrtr-', runner],
  ['gloas-', application],
  ...notYetMade.map((prefix) => [prefix, async () => undefined] as const),
  ['glpat-', accessToken],
  [chosen, accessToken],
]

/**
 * Which token a text is, by what it begins with (gitlab `lib/authn/agnostic_token_identifier.rb`). `unsupported` where no
 * kind begins so; undefined where there is no such token.
 */
export const identifyToken = async (call: Call, text: string): Promise<IdentifiedToken | 'unsupported' | undefined> => {
  const families = familiesFor(await readSetting(call.parts.store.read, 'personal_access_token_prefix'))
  const family = families.find(([prefix]) => text.startsWith(prefix))
  return family === undefined ? 'unsupported' : family[1](call, digestOf(new Secret(text)))
}

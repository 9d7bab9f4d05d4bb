import { randomUUID } from 'node:crypto'
import { type AccessLevel, isMemberLevel, memberLevelNames } from '../core/access-level.ts'
import { roleIn } from '../store/roles.ts'
import type { Reader } from '../store/routes.ts'
import type { Environment } from './environment.ts'
import type { PayloadParts } from './parts.ts'
import type { PayloadRequest } from './payload-request.ts'
import { baseUrlOf } from './server-variables.ts'
import { configPathOf, type Subject } from './subject.ts'

/** Seconds by which the clock of who verifies may be behind ours. */
const notBefore = 5

/** What a job's tokens say of it; the audience comes with each. */
export interface Claimed {
  readonly subject: Subject
  readonly request: Pick<PayloadRequest, 'job' | 'runner'>
  readonly environment: Environment | undefined
  /** Seconds for which they are good. */
  readonly timeout: number
}

const roleName = (role: AccessLevel): string | undefined =>
  isMemberLevel(role) ? memberLevelNames[role].toLowerCase() : undefined

const userClaims = async (reader: Reader, { user, project, namespaces }: Subject, now: number) => {
  if (user === undefined) return { user_id: '' }
  const place = { namespaces: namespaces.map(({ id }) => id), project: project.id }
  const role = roleName(await roleIn(reader, user.id, place, now))
  return {
    user_id: String(user.id),
    user_login: user.username,
    user_email: user.email,
    ...(role !== undefined && { user_access_level: role }),
  }
}

const projectClaims = ({ project, namespaces }: Subject) => {
  const namespace = namespaces.at(-1)
  return {
    project_id: String(project.id),
    project_path: project.full_path,
    namespace_id: String(project.namespace_id),
    namespace_path: namespace?.full_path ?? '',
  }
}

const withPrefix = (claims: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [`job_${name}`, value]))

const environmentClaims = (environment: Environment | undefined) =>
  environment === undefined
    ? {}
    : {
        environment: environment.name,
        environment_protected: 'false',
        deployment_tier: environment.tier,
        environment_action: environment.action,
      }

const refTypeOf = ({ tag }: Pick<Subject, 'tag'>): string => (tag ? 'tag' : 'branch')
const refPathOf = ({ tag, ref }: Pick<Subject, 'tag' | 'ref'>): string => `refs/${tag ? 'tags' : 'heads'}/${ref}`

const jobClaims = ({ subject, request, environment }: Claimed, base: string) => ({
  pipeline_id: String(request.job.pipeline_id),
  pipeline_source: subject.source,
  job_id: String(request.job.id),
  ref: subject.ref,
  ref_type: refTypeOf(subject),
  ref_path: refPathOf(subject),
  ref_protected: String(subject.protected),
  ...environmentClaims(environment),
  runner_id: request.runner.id,
  runner_environment: 'self-hosted',
  sha: subject.sha,
  project_visibility: subject.project.visibility,
  ci_config_ref_uri: `${new URL(base).host}/${subject.project.full_path}//${configPathOf(subject.settings)}@${refPathOf(subject)}`,
  ci_config_sha: subject.sha,
})

const standardClaims = ({ subject, timeout }: Claimed, issuer: string, now: number) => {
  const seconds = Math.floor(now / 1000)
  return {
    iss: issuer,
    sub: `project_path:${subject.project.full_path}:ref_type:${refTypeOf(subject)}:ref:${subject.ref}`,
    iat: seconds,
    nbf: seconds - notBefore,
    exp: seconds + timeout,
  }
}

/**
 * Signs the tokens by which a job shows others who it is (gitlab `Gitlab::Ci::JwtV2`, `JSONWebToken::UserProjectTokenClaims`).
 * Numbers are texts in them, but for the runner's.
 * @param audiences by the name of the variable; one audience is a text, several are a list
 */
export const signIdTokens = async (
  { store, signing, clock, settings }: Pick<PayloadParts, 'store' | 'signing' | 'clock' | 'settings'>,
  claimed: Claimed,
  audiences: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, string>> => {
  if (audiences.size === 0) return new Map()
  // Few jobs ask for such tokens, and no start waits for what makes them.
  const [{ SignJWT }, { key, published }] = await Promise.all([import('jose'), signing.current()])
  const base = baseUrlOf({ settings })
  const project = projectClaims(claimed.subject)
  const claims = {
    ...project,
    ...(await userClaims(store.read, claimed.subject, clock())),
    ...withPrefix(project),
    ...jobClaims(claimed, base),
    ...standardClaims(claimed, base, clock()),
  }
  const sign = async ([name, audience]: readonly [string, readonly string[]]): Promise<[string, string]> => {
    const [only = ''] = audience
    const aud = audience.length === 1 ? only : [...audience]
    const token = new SignJWT({ ...claims, jti: randomUUID(), aud }).setProtectedHeader({
      kid: published.kid,
      typ: 'JWT',
      alg: published.alg,
    })
    return [name, await token.sign(key)]
  }
  return new Map(await Promise.all([...audiences].map(sign)))
}

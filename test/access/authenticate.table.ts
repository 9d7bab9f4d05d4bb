import type {
  CredentialLookups,
  StoredAccessToken,
  StoredDeployToken,
  StoredJobToken,
  StoredKey,
  StoredOauthToken,
  TargetProject,
} from '../../src/access/authenticate.ts'
import type { StoredTrustGrant } from '../../src/access/authenticate-trust.ts'
import type { Presented } from '../../src/core/credential.ts'
import type { AccessTokenId, DeployTokenId, JobId, KeyId, NamespaceId, OauthTokenId, ProjectId } from '../../src/core/ids.ts'
import { Secret } from '../../src/core/secret.ts'
import { looksLikeToken } from '../../src/tokens/kinds.ts'
import { byTrust, projectWith, userWith } from './case.ts'

/** The moment at which every row is tried. */
export const now = Date.parse('2026-06-15T12:00:00Z')
const ada = userWith()

const token = (fields: Partial<StoredAccessToken> = {}): StoredAccessToken => ({
  id: 9 as AccessTokenId,
  kind: 'personal-access-token',
  user: ada,
  scopes: ['api'],
  expiresOn: undefined,
  revoked: false,
  ...fields,
})

const deployToken = (fields: Partial<StoredDeployToken> = {}): StoredDeployToken => ({
  id: 4 as DeployTokenId,
  username: 'deployer',
  scopes: ['read_repository'],
  home: { kind: 'project', id: 3 as ProjectId },
  expiresAt: undefined,
  revoked: false,
  ...fields,
})

const key = (fields: Partial<StoredKey> = {}): StoredKey => ({
  id: 5 as KeyId,
  kind: 'user',
  title: 'laptop',
  user: ada,
  usage: 'auth_and_signing',
  expiresAt: undefined,
  ...fields,
})

const bot = userWith({ id: 70 as never, kind: 'project_bot', username: 'project_3_bot_1' })

const serviceAccount = userWith({ id: 71 as never, kind: 'service_account', username: 'service_account_1', isExternal: true })

const accessTokens: Record<string, StoredAccessToken> = {
  'glpat-good': token(),
  'glpat-read-user': token({ scopes: ['read_user'] }),
  'glpat-today': token({ expiresOn: '2026-06-15' }),
  'glpat-tomorrow': token({ expiresOn: '2026-06-16' }),
  'glpat-revoked': token({ revoked: true }),
  'glpat-expired-and-revoked': token({ revoked: true, expiresOn: '2026-01-01' }),
  'glpat-strange': token({ scopes: ['no_such_scope'] }),
  'glpat-registry': token({ scopes: ['read_registry'] }),
  'glpat-virtual': token({ scopes: ['read_virtual_registry'] }),
  'glpat-service': token({ kind: 'service-account-token', user: serviceAccount }),
  'glpat-impersonation': token({ kind: 'impersonation-token' }),
  'glpat-of-blocked': token({ user: userWith({ state: 'blocked' }) }),
  'glpat-of-deactivated': token({ user: userWith({ state: 'deactivated' }) }),
  'glpat-of-password-expired': token({ user: userWith({ passwordExpired: true }) }),
  'glpat-bot': token({ kind: 'project-access-token', user: bot }),
}

const oauthToken = (fields: Partial<StoredOauthToken> = {}): StoredOauthToken => ({
  id: 2 as OauthTokenId,
  user: ada,
  scopes: ['read_repository'],
  expiresAt: now + 1,
  revoked: false,
  ...fields,
})

const oauthTokens: Record<string, StoredOauthToken> = {
  'oauth-good': oauthToken(),
  'oauth-expired': oauthToken({ expiresAt: now }),
  'oauth-revoked': oauthToken({ revoked: true }),
  'oauth-openid': oauthToken({ scopes: ['openid'] }),
  'oauth-strange': oauthToken({ scopes: ['no_such_scope'] }),
  'oauth-registry': oauthToken({ scopes: ['read_registry'] }),
  'oauth-of-nobody': oauthToken({ user: undefined }),
  'oauth-of-blocked': oauthToken({ user: userWith({ state: 'blocked' }) }),
  'oauth-of-password-expired': oauthToken({ user: userWith({ passwordExpired: true }) }),
}

const deployTokens: Record<string, StoredDeployToken> = {
  'gldt-good': deployToken(),
  'gldt-group': deployToken({ home: { kind: 'group', id: 1 as NamespaceId } }),
  'gldt-elsewhere': deployToken({ home: { kind: 'project', id: 99 as ProjectId } }),
  'gldt-expired': deployToken({ expiresAt: now }),
  'gldt-later': deployToken({ expiresAt: now + 1 }),
  'gldt-revoked': deployToken({ revoked: true }),
  'gldt-registry': deployToken({ scopes: ['read_registry'] }),
  'gldt-packages': deployToken({ scopes: ['read_package_registry'] }),
}

const job = (fields: Partial<StoredJobToken> = {}): StoredJobToken => ({
  id: 6 as JobId,
  home: { id: 3 as ProjectId, fullPath: 'castle/gate', namespaces: [1, 2] as NamespaceId[] },
  user: ada,
  isRunning: true,
  jobsEnabled: true,
  ...fields,
})

const jobTokens: Record<string, StoredJobToken> = {
  'glcbt-good': job(),
  'glcbt-over': job({ isRunning: false }),
  'glcbt-no-jobs': job({ jobsEnabled: false }),
  'glcbt-no-user': job({ user: undefined }),
  'glcbt-of-admin': job({ user: userWith({ isAdmin: true }) }),
  'glcbt-bot': job({ user: bot }),
  'glcbt-of-blocked': job({ user: userWith({ state: 'blocked' }) }),
  'glcbt-of-deactivated': job({ user: userWith({ state: 'deactivated' }) }),
  'glcbt-of-password-expired': job({ user: userWith({ passwordExpired: true }) }),
}

const keys: Record<string, StoredKey> = {
  'SHA256:user': key(),
  'SHA256:expired': key({ expiresAt: now }),
  'SHA256:signing': key({ usage: 'signing' }),
  'SHA256:orphan': key({ user: undefined }),
  'SHA256:deploy': key({ kind: 'deploy' }),
  'SHA256:deploy-expired': key({ kind: 'deploy', expiresAt: now - 1 }),
}

const grant = (fields: Partial<Omit<StoredTrustGrant, 'principal'>> = {}, home = byTrust().home): StoredTrustGrant => ({
  principal: byTrust({ home }),
  scopes: ['read_repository'],
  expiresAt: now + 1,
  isBacked: true,
  ...fields,
})

const grants: Record<string, StoredTrustGrant> = {
  'sptx-good': grant(),
  'sptx-group': grant({}, { kind: 'group', id: 1 as NamespaceId }),
  'sptx-elsewhere': grant({}, { kind: 'project', id: 99 as ProjectId }),
  'sptx-expired': grant({ expiresAt: now }),
  'sptx-withdrawn': grant({ isBacked: false }),
}

/** A store that knows these credentials and no others. */
export const lookups: CredentialLookups = {
  jobToken: async (secret) => jobTokens[Secret.open(secret)],
  oauthToken: async (secret) => oauthTokens[Secret.open(secret)],
  accessToken: async (secret) => accessTokens[Secret.open(secret)],
  deployToken: async (secret) => deployTokens[Secret.open(secret)],
  async passwordOwner(login, password) {
    const text = Secret.open(password)
    if (text === 'storm') return 'busy'
    if (text === 'not here') return 'disabled'
    if (text.startsWith('glpat-')) throw new Error('a token was tried as a password')
    if (text !== 'open sesame' || login.toLowerCase() === 'nobody') return 'wrong'
    const states = { blocked: userWith({ state: 'blocked' }), bot, stale: userWith({ passwordExpired: true }) }
    const user = Object.hasOwn(states, login) ? states[login as keyof typeof states] : ada
    return { user, expired: user.passwordExpired, twoFactor: login === 'careful' }
  },
  key: async (fingerprint) => keys[fingerprint],
  role: async (user, project) => (user.kind === 'project_bot' && project === 3 ? 30 : 0),
  trustToken: async (secret) => grants[Secret.open(secret)],
  trustCertificate: async ({ serial, fingerprint }) =>
    fingerprint === 'SHA256:certified' ? Object.values(grants)[serial] : undefined,
  looksLikeToken: (secret) => looksLikeToken(Secret.open(secret)),
}

const basic = (login: string, secret: string): Presented => ({ kind: 'basic', login, secret: new Secret(secret) })
const bearer = (secret: string): Presented => ({ kind: 'bearer', secret: new Secret(secret) })
const certified = (serial: number, fingerprint = 'SHA256:certified'): Presented => ({
  kind: 'signed-certificate',
  certificate: { serial, fingerprint },
})
const signed = (fingerprint: string): Presented => ({ kind: 'signed-key', fingerprint })

export interface AuthenticationCase {
  readonly is: string
  readonly shown: Presented
  readonly project?: TargetProject | undefined
  readonly impersonationEnabled?: boolean
  readonly registryEnabled?: boolean
  readonly gives: string
}

/** The project that is asked for, where a row names no other. */
export const here = projectWith()
const elsewhere = projectWith({ id: 8 as ProjectId, namespaces: [6 as NamespaceId] })

/** What is shown at a door, and as whom it counts or why it does not (GitLab `lib/gitlab/auth.rb`). */
export const authenticationCases: readonly AuthenticationCase[] = [
  { is: 'nothing', shown: { kind: 'none' }, gives: 'anonymous' },
  { is: 'a user name and no password', shown: basic('ada', ''), gives: 'credential_missing' },
  { is: 'something that cannot be read', shown: { kind: 'unreadable' }, gives: 'credential_missing' },
  { is: 'a token of OAuth with its usual login', shown: basic('oauth2', 'oauth-good'), gives: 'user ada by oauth-token' },
  { is: 'a token of OAuth with another login', shown: basic('somebody', 'oauth-good'), gives: 'user ada by oauth-token' },
  { is: 'a token of OAuth without a login', shown: basic('', 'oauth-good'), gives: 'user ada by oauth-token' },
  { is: 'a token of OAuth as Bearer', shown: bearer('oauth-good'), gives: 'user ada by oauth-token' },
  { is: 'a token of OAuth at its end', shown: basic('oauth2', 'oauth-expired'), gives: 'token_expired OauthAccessToken/2' },
  { is: 'a revoked token of OAuth', shown: basic('oauth2', 'oauth-revoked'), gives: 'token_revoked OauthAccessToken/2' },
  { is: 'a token of OAuth that only says who', shown: basic('oauth2', 'oauth-openid'), gives: 'user ada by oauth-token' },
  { is: 'a token of OAuth for nothing', shown: basic('oauth2', 'oauth-strange'), gives: 'no_known_scope OauthAccessToken/2' },
  {
    is: 'a token of OAuth for the registry while that is off',
    shown: basic('oauth2', 'oauth-registry'),
    gives: 'no_known_scope OauthAccessToken/2',
  },
  {
    is: 'a token of OAuth in nobody’s name',
    shown: basic('oauth2', 'oauth-of-nobody'),
    gives: 'user_cannot_log_in OauthAccessToken/2',
  },
  {
    is: 'a token of OAuth of a blocked user',
    shown: basic('oauth2', 'oauth-of-blocked'),
    gives: 'user_cannot_log_in OauthAccessToken/2',
  },
  {
    is: 'a token of OAuth whose user must change the password',
    shown: basic('oauth2', 'oauth-of-password-expired'),
    gives: 'password_expired OauthAccessToken/2',
  },
  { is: 'a token with any login', shown: basic('whatever', 'glpat-good'), gives: 'user ada by personal-access-token' },
  { is: 'a token with an empty login', shown: basic('', 'glpat-good'), gives: 'user ada by personal-access-token' },
  {
    is: 'a token with the login of job tokens',
    shown: basic('gitlab-ci-token', 'glpat-good'),
    gives: 'user ada by personal-access-token',
  },
  {
    is: 'a token for the registry while that is off',
    shown: basic('', 'glpat-registry'),
    gives: 'no_known_scope PersonalAccessToken/9',
  },
  {
    is: 'a token for the registry while that is on',
    shown: basic('', 'glpat-registry'),
    registryEnabled: true,
    gives: 'user ada by personal-access-token',
  },
  {
    is: 'a token for what we have not',
    shown: basic('', 'glpat-virtual'),
    registryEnabled: true,
    gives: 'no_known_scope PersonalAccessToken/9',
  },
  {
    is: 'a service account that is no member',
    shown: basic('', 'glpat-service'),
    gives: 'out_of_reach PersonalAccessToken/9',
  },
  {
    is: 'a service account at a project that is not there',
    shown: basic('', 'glpat-service'),
    project: undefined,
    gives: 'user service_account_1 by service-account-token',
  },
  { is: 'a token as Bearer', shown: bearer('glpat-good'), gives: 'user ada by personal-access-token' },
  {
    is: 'a token without a git scope still authenticates',
    shown: basic('', 'glpat-read-user'),
    gives: 'user ada by personal-access-token',
  },
  { is: 'a token that expires today', shown: basic('', 'glpat-today'), gives: 'token_expired PersonalAccessToken/9' },
  { is: 'a token that expires tomorrow', shown: basic('', 'glpat-tomorrow'), gives: 'user ada by personal-access-token' },
  { is: 'a revoked token', shown: basic('', 'glpat-revoked'), gives: 'token_revoked PersonalAccessToken/9' },
  {
    is: 'expired comes before revoked',
    shown: basic('', 'glpat-expired-and-revoked'),
    gives: 'token_expired PersonalAccessToken/9',
  },
  { is: 'a token with unknown scopes only', shown: basic('', 'glpat-strange'), gives: 'no_known_scope PersonalAccessToken/9' },
  { is: 'an impersonation token', shown: basic('', 'glpat-impersonation'), gives: 'user ada by impersonation-token' },
  {
    is: 'an impersonation token while that is off',
    shown: basic('', 'glpat-impersonation'),
    impersonationEnabled: false,
    gives: 'impersonation_disabled PersonalAccessToken/9',
  },
  { is: 'a token of a blocked user', shown: basic('', 'glpat-of-blocked'), gives: 'user_cannot_log_in PersonalAccessToken/9' },
  {
    is: 'a token of a deactivated user is told later',
    shown: basic('', 'glpat-of-deactivated'),
    gives: 'user ada by personal-access-token',
  },
  {
    is: 'a token of a user whose password expired',
    shown: basic('', 'glpat-of-password-expired'),
    gives: 'password_expired PersonalAccessToken/9',
  },
  { is: 'a bot in its project', shown: basic('', 'glpat-bot'), gives: 'user project_3_bot_1 by project-access-token' },
  {
    is: 'a bot in a private project of others',
    shown: basic('', 'glpat-bot'),
    project: elsewhere,
    gives: 'out_of_reach PersonalAccessToken/9',
  },
  {
    is: 'a bot in a public project of others',
    shown: basic('', 'glpat-bot'),
    project: { ...elsewhere, visibility: 'public' },
    gives: 'user project_3_bot_1 by project-access-token',
  },
  {
    is: 'a bot where no project is',
    shown: basic('', 'glpat-bot'),
    project: undefined,
    gives: 'user project_3_bot_1 by project-access-token',
  },
  {
    is: 'a person in a project of others',
    shown: basic('', 'glpat-good'),
    project: elsewhere,
    gives: 'user ada by personal-access-token',
  },
  ...[
    ['of a running job', 'glcbt-good', 'job by job-token'],
    ['of a job that is over', 'glcbt-over', 'job_not_running CiJobToken/6'],
    ['where jobs are switched off', 'glcbt-no-jobs', 'jobs_disabled CiJobToken/6'],
    ['of a job whose user is gone', 'glcbt-no-user', 'job by job-token'],
    ['of a job of a bot', 'glcbt-bot', 'job by job-token'],
    ['of a job of a blocked user', 'glcbt-of-blocked', 'user_cannot_log_in CiJobToken/6'],
    ['of a job of a deactivated user is told later', 'glcbt-of-deactivated', 'job by job-token'],
    ['of a job of a user whose password expired', 'glcbt-of-password-expired', 'password_expired CiJobToken/6'],
    ['of no job', 'glcbt-unknown', 'credential_unknown'],
  ].map(([what, secret = '', gives = '']) => ({ is: `a job's token ${what}`, shown: basic('gitlab-ci-token', secret), gives })),
  { is: "a job's token with another login", shown: basic('ada', 'glcbt-good'), gives: 'credential_unknown' },
  {
    is: "a job's token with its login in other case",
    shown: basic('GitLab-CI-Token', 'glcbt-good'),
    gives: 'credential_unknown',
  },
  { is: "a job's token without a login", shown: basic('', 'glcbt-good'), gives: 'credential_unknown' },
  { is: "a job's token as Bearer", shown: bearer('glcbt-good'), gives: 'credential_unknown' },
  { is: 'an unknown token is never a password', shown: basic('ada', 'glpat-unknown'), gives: 'credential_unknown' },
  { is: 'a deploy token', shown: basic('deployer', 'gldt-good'), gives: 'deploy-token by deploy-token' },
  { is: 'a deploy token with another login', shown: basic('ada', 'gldt-good'), gives: 'username_mismatch DeployToken/4' },
  {
    is: 'a deploy token with its login in other case',
    shown: basic('Deployer', 'gldt-good'),
    gives: 'username_mismatch DeployToken/4',
  },
  { is: 'a deploy token of a group above', shown: basic('deployer', 'gldt-group'), gives: 'deploy-token by deploy-token' },
  { is: 'a deploy token of another project', shown: basic('deployer', 'gldt-elsewhere'), gives: 'out_of_reach DeployToken/4' },
  {
    is: 'a deploy token of another project, public',
    shown: basic('deployer', 'gldt-elsewhere'),
    project: projectWith({ visibility: 'public' }),
    gives: 'out_of_reach DeployToken/4',
  },
  {
    is: 'a deploy token where no project is',
    shown: basic('deployer', 'gldt-elsewhere'),
    project: undefined,
    gives: 'deploy-token by deploy-token',
  },
  {
    is: 'a deploy token, repository off',
    shown: basic('deployer', 'gldt-good'),
    project: projectWith({ repositoryAccess: 'disabled' }),
    gives: 'repository_disabled DeployToken/4',
  },
  { is: 'a deploy token that has just expired', shown: basic('deployer', 'gldt-expired'), gives: 'token_expired DeployToken/4' },
  { is: 'a deploy token in its last moment', shown: basic('deployer', 'gldt-later'), gives: 'deploy-token by deploy-token' },
  { is: 'a revoked deploy token', shown: basic('deployer', 'gldt-revoked'), gives: 'token_revoked DeployToken/4' },
  {
    is: 'a registry token while the registry is off',
    shown: basic('deployer', 'gldt-registry'),
    gives: 'no_known_scope DeployToken/4',
  },
  {
    is: 'a registry token while the registry is on',
    shown: basic('deployer', 'gldt-registry'),
    registryEnabled: true,
    gives: 'deploy-token by deploy-token',
  },
  { is: 'a package token', shown: basic('deployer', 'gldt-packages'), gives: 'deploy-token by deploy-token' },
  { is: 'a deploy token as Bearer', shown: bearer('gldt-good'), gives: 'credential_unknown' },
  { is: 'a password', shown: basic('ada', 'open sesame'), gives: 'user ada by password' },
  { is: 'a wrong password', shown: basic('ada', 'open barley'), gives: 'password_wrong' },
  { is: 'a password of nobody', shown: basic('nobody', 'open sesame'), gives: 'password_wrong' },
  { is: 'a password without a login', shown: basic('', 'open sesame'), gives: 'credential_unknown' },
  { is: 'a password as Bearer', shown: bearer('open sesame'), gives: 'credential_unknown' },
  { is: 'a password of a blocked user', shown: basic('blocked', 'open sesame'), gives: 'user_cannot_log_in User/7' },
  { is: 'an expired password', shown: basic('stale', 'open sesame'), gives: 'password_expired User/7' },
  {
    is: 'a password of a user with a second factor',
    shown: basic('careful', 'open sesame'),
    gives: 'two_factor_required User/7',
  },
  { is: 'a password of a bot', shown: basic('bot', 'open sesame'), gives: 'user_cannot_log_in User/70' },
  { is: 'a password where the instance takes none', shown: basic('ada', 'not here'), gives: 'password_disabled' },
  { is: 'too many passwords at once', shown: basic('ada', 'storm'), gives: 'password_checks_busy' },
  { is: 'a token of a trust', shown: basic('ci', 'sptx-good'), gives: 'trusted by trust-token' },
  { is: 'a token of a trust as Bearer', shown: bearer('sptx-good'), gives: 'trusted by trust-token' },
  { is: 'a token of a trust, for a group above', shown: basic('', 'sptx-group'), gives: 'trusted by trust-token' },
  { is: 'a token of a trust, for another project', shown: basic('', 'sptx-elsewhere'), gives: 'out_of_reach TrustGrant/8' },
  {
    is: 'a token of a trust, where there is no project',
    shown: basic('', 'sptx-good'),
    project: undefined,
    gives: 'trusted by trust-token',
  },
  { is: 'a token of a trust after its end', shown: basic('', 'sptx-expired'), gives: 'token_expired TrustGrant/8' },
  {
    is: 'a token of a trust for which nobody answers',
    shown: basic('', 'sptx-withdrawn'),
    gives: 'trust_withdrawn TrustGrant/8',
  },
  { is: 'a token that no trust gave', shown: basic('', 'sptx-none'), gives: 'credential_unknown' },
  { is: 'a certificate', shown: certified(0), gives: 'trusted by trust-certificate' },
  { is: 'a certificate for another project', shown: certified(2), gives: 'out_of_reach TrustGrant/8' },
  { is: 'a certificate after its end', shown: certified(3), gives: 'token_expired TrustGrant/8' },
  { is: 'a certificate for which nobody answers', shown: certified(4), gives: 'trust_withdrawn TrustGrant/8' },
  { is: 'a certificate of another key', shown: certified(0, 'SHA256:other'), gives: 'credential_unknown' },
  { is: 'a certificate whose grant is gone', shown: certified(9), gives: 'credential_unknown' },
  { is: 'a user key', shown: signed('SHA256:user'), gives: 'user ada by user-key' },
  { is: 'an unknown key', shown: signed('SHA256:none'), gives: 'credential_unknown' },
  { is: 'an expired key', shown: signed('SHA256:expired'), gives: 'key_expired Key/5' },
  { is: 'a signing-only key', shown: signed('SHA256:signing'), gives: 'credential_unknown Key/5' },
  { is: 'a key whose user is gone', shown: signed('SHA256:orphan'), gives: 'credential_unknown Key/5' },
  { is: 'a deploy key', shown: signed('SHA256:deploy'), gives: 'deploy-key by deploy-key' },
  { is: 'an expired deploy key', shown: signed('SHA256:deploy-expired'), gives: 'key_expired DeployKey/5' },
]

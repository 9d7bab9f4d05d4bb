/**
 * The attacks: what RFC 6819, RFC 8628 and RFC 9700 warn of, against a server that gives tokens to applications. Codes, refresh
 * tokens and devices are used twice, by others, or too late; proofs are left out, guessed or swapped; more is asked for than
 * an application may have.
 * What was believed: whoever holds a code, a refresh token or a signed text is the one to whom it was given.
 * What holds: each is good once, for one application, with its proof and its address; what is seen twice ends all that came
 * of the same consent, is logged with its reason, and stands in the audit.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic, challenge, loopback, OauthStage, redirectUri, verifier } from '../http/oauth/stage.ts'
import type { Scenario } from './oauth-scenario.ts'

let stage: OauthStage

beforeAll(async () => {
  stage = await OauthStage.open()
})
afterAll(() => stage?.close())

const exchange = (code: string, more: Record<string, string | undefined> = {}) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  ...more,
})

/** Each begins with fresh things, and ends with an error and its reason in the log. */
const refused: readonly Scenario[] = [
  {
    attack: 'a code is used by another application',
    by: async () => stage.token('other', exchange(await stage.code('web'))),
    error: 'invalid_grant',
    reason: 'code_unknown',
  },
  {
    attack: 'a code is used without the secret of its application',
    by: async () =>
      stage.post('/oauth/token', { client_id: stage.client('web').application.uid, ...exchange(await stage.code('web')) }),
    error: 'invalid_client',
    reason: 'client_secret_wrong',
  },
  {
    attack: 'a code is used with the secret of another application',
    by: async () =>
      stage.post('/oauth/token', {
        client_id: stage.client('web').application.uid,
        client_secret: stage.client('other').secret,
        ...exchange(await stage.code('web')),
      }),
    error: 'invalid_client',
    reason: 'client_secret_wrong',
  },
  {
    attack: 'an application shows itself in two ways',
    by: async () => {
      const { application, secret } = stage.client('web')
      const headers = { Authorization: basic(application.uid, secret) }
      const other = stage.client('other').application.uid
      return stage.post('/oauth/token', { client_id: other, ...exchange(await stage.code('other')) }, headers)
    },
    error: 'invalid_request',
    reason: 'client_shown_twice',
  },
  {
    attack: 'a parameter comes twice',
    by: async () => {
      const { application, secret } = stage.client('web')
      const body = new URLSearchParams({
        client_id: application.uid,
        client_secret: secret,
        ...exchange(await stage.code('web')),
      })
      body.append('redirect_uri', 'https://evil.example/')
      return stage.ask('POST', '/oauth/token', { body })
    },
    error: 'invalid_request',
    reason: 'request_malformed',
  },
  {
    attack: 'a code is used for another address',
    by: async () => stage.token('web', exchange(await stage.code('web'), { redirect_uri: `${redirectUri}/` })),
    error: 'invalid_grant',
    reason: 'redirect_uri_differs',
  },
  {
    attack: 'a code is used without its address',
    by: async () => stage.token('web', exchange(await stage.code('web'), { redirect_uri: undefined })),
    error: 'invalid_request',
    reason: 'parameter_missing',
  },
  {
    attack: 'a tool’s code is used on another port than it was asked for',
    by: async () =>
      stage.token(
        'tool',
        exchange(await stage.code('tool'), { redirect_uri: 'http://127.0.0.1:41235/', code_verifier: verifier }),
      ),
    error: 'invalid_grant',
    reason: 'redirect_uri_differs',
  },
  {
    attack: 'a code that was caught is used without its verifier',
    by: async () => stage.token('tool', exchange(await stage.code('tool'), { redirect_uri: loopback })),
    error: 'invalid_grant',
    reason: 'code_verifier_wrong',
  },
  {
    attack: 'the challenge is shown in place of the verifier',
    by: async () =>
      stage.token('tool', exchange(await stage.code('tool'), { redirect_uri: loopback, code_verifier: challenge.value })),
    error: 'invalid_grant',
    reason: 'code_verifier_wrong',
  },
  {
    attack: 'the challenge was stripped on the way, and the verifier comes all the same',
    by: async () => stage.token('web', exchange(await stage.code('web', { challenge: undefined }), { code_verifier: verifier })),
    error: 'invalid_grant',
    reason: 'code_verifier_wrong',
  },
  {
    attack: 'a plain challenge is met with its hash',
    by: async () => {
      const code = await stage.code('web', { challenge: { value: verifier, method: 'plain' } })
      return stage.token('web', exchange(code, { code_verifier: challenge.value }))
    },
    error: 'invalid_grant',
    reason: 'code_verifier_wrong',
  },
  {
    attack: 'a code is used after its time',
    by: async () => {
      const code = await stage.code('web')
      stage.wait(600_001)
      return stage.token('web', exchange(code))
    },
    error: 'invalid_grant',
    reason: 'code_expired',
  },
  {
    attack: 'a code is used once its user is blocked',
    by: async () => {
      const userId = await stage.api.addUser(`shut-out-${stage.now}`, { state: 'blocked' })
      return stage.token('web', exchange(await stage.code('web', { userId })))
    },
    error: 'invalid_grant',
    reason: 'user_blocked',
  },
  {
    attack: 'a refresh token is used by another application',
    by: async () => stage.token('other', { grant_type: 'refresh_token', refresh_token: (await stage.tokens('web')).refresh }),
    error: 'invalid_grant',
    reason: 'refresh_token_unknown',
  },
  {
    attack: 'an access token is used to refresh',
    by: async () => stage.token('web', { grant_type: 'refresh_token', refresh_token: (await stage.tokens('web')).access }),
    error: 'invalid_grant',
    reason: 'refresh_token_unknown',
  },
  {
    attack: 'a refresh asks for more than was granted',
    by: async () => {
      const { refresh } = await stage.tokens('web', { scopes: ['read_user'] })
      return stage.token('web', { grant_type: 'refresh_token', refresh_token: refresh, scope: 'read_user api' })
    },
    error: 'invalid_scope',
    reason: 'scope_beyond_grant',
  },
  {
    attack: 'an application asks for more than it was registered for',
    by: () => stage.token('web', { grant_type: 'client_credentials', scope: 'api admin_mode' }),
    error: 'invalid_scope',
    reason: 'scope_beyond_application',
  },
  {
    attack: 'an application revokes a token of another',
    by: async () => {
      const { application, secret } = stage.client('other')
      const { access } = await stage.tokens('web')
      return stage.post('/oauth/revoke', { client_id: application.uid, client_secret: secret, token: access })
    },
    error: 'unauthorized_client',
    reason: 'token_of_another_client',
  },
  {
    attack: 'a stranger asks what tokens are worth',
    by: async () => stage.post('/oauth/introspect', { token: (await stage.tokens('web')).access }),
    error: 'invalid_client',
    reason: 'client_missing',
  },
  {
    attack: 'a public application, whose name all know, asks what tokens are worth',
    by: async () => {
      const { access } = await stage.tokens('tool')
      return stage.post('/oauth/introspect', { client_id: stage.client('tool').application.uid, token: access })
    },
    error: 'invalid_client',
    reason: 'client_public',
  },
]

describe('is refused, and logged with its reason:', () => {
  test.each(refused)('$attack', async ({ by, error, reason }) => {
    const told = await by()
    expect([told.body['error'], stage.reason]).toEqual([error, reason])
    expect(told.status).toBeGreaterThanOrEqual(400)
    expect(told.status).toBeLessThan(500)
    expect(told.body['access_token']).toBeUndefined()
  })
})

describe('ends all that came of the same consent:', () => {
  test('a code that is used twice', async () => {
    const code = await stage.code('web')
    const first = await stage.token('web', exchange(code))
    const [access, refresh] = [String(first.body['access_token']), String(first.body['refresh_token'])]
    const next = await stage.token('web', { grant_type: 'refresh_token', refresh_token: refresh })
    const later = String(next.body['access_token'])
    expect([await stage.works(access), await stage.works(later)]).toEqual([false, true])
    expect((await stage.token('web', exchange(code))).body['error']).toBe('invalid_grant')
    expect(stage.reason).toBe('code_reused')
    expect(await stage.works(later)).toBe(false)
    const { body } = await stage.ask('GET', '/oauth/token/info', { headers: { Authorization: `Bearer ${later}` } })
    expect(body['error_description']).toBe('The access token was revoked')
    const token = stage.api.lines.findLast((line) => line['meta.auth_fail_token_id'])?.['meta.auth_fail_token_id']
    expect(await stage.audited()).toContain(`oauth_access_token_revoked ${token}`)
  })

  test('a refresh token that is used twice, whoever comes second', async () => {
    const { access, refresh } = await stage.tokens('tool')
    const form = { grant_type: 'refresh_token', refresh_token: refresh }
    const stolen = await stage.token('tool', form)
    expect(stolen.status).toBe(200)
    expect(await stage.works(access)).toBe(false)
    expect((await stage.token('tool', form)).body['error']).toBe('invalid_grant')
    expect(stage.reason).toBe('refresh_token_reused')
    expect(await stage.works(String(stolen.body['access_token']))).toBe(false)
    const again = { grant_type: 'refresh_token', refresh_token: String(stolen.body['refresh_token']) }
    expect((await stage.token('tool', again)).body['error']).toBe('invalid_grant')
  })

  test('but not those of another consent', async () => {
    const [one, other] = [await stage.tokens('web'), await stage.tokens('web')]
    const form = { grant_type: 'refresh_token', refresh_token: one.refresh }
    await stage.token('web', form)
    await stage.token('web', form)
    expect(await stage.works(other.access)).toBe(true)
  })

  test('ten uses at once: one wins, and what it won ends', async () => {
    const code = await stage.code('web')
    const told = await Promise.all(Array.from({ length: 10 }, () => stage.token('web', exchange(code))))
    const won = told.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(await stage.works(String(won[0]?.body['access_token']))).toBe(false)
  })
})

test('what an application may not revoke goes on', async () => {
  const { application, secret } = stage.client('other')
  const { access } = await stage.tokens('web')
  await stage.post('/oauth/revoke', { client_id: application.uid, client_secret: secret, token: access })
  expect(await stage.works(access)).toBe(true)
})

describe('introspection', () => {
  test('tells an application nothing of a token of another', async () => {
    const { application, secret } = stage.client('other')
    const { access } = await stage.tokens('web')
    const told = await stage.post('/oauth/introspect', { client_id: application.uid, client_secret: secret, token: access })
    expect(told.body).toEqual({ active: false })
  })
})

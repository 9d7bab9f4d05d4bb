import type { Scene } from '../../test/journeys/scene.ts'
import { basic, passwordOf, type Recipe, type Shown, tokenOf } from './recipe.ts'

interface Wish {
  readonly scopes: readonly string[]
  readonly expires_at?: string
}

/** A token of the Developer's. */
const token =
  (wish: Wish) =>
  async (scene: Scene): Promise<Shown> => {
    const made = await scene.token(scene.who('developer').id, wish.scopes, { ...wish })
    return basic('developer', made.token)
  }

const revoked = async (scene: Scene): Promise<Shown> => {
  const made = await scene.token(scene.who('developer').id, ['api'])
  await scene.api.make('DELETE', `/personal_access_tokens/${made.id}`)
  return basic('developer', made.token)
}

const mistyped = async (scene: Scene): Promise<Shown> => {
  const made = await scene.token(scene.who('developer').id, ['api'])
  return basic('developer', made.token.slice(0, -1) + (made.token.endsWith('A') ? 'B' : 'A'))
}

const impersonation = async (scene: Scene): Promise<Shown> => {
  const fields = { name: 'support', scopes: ['api'] }
  const made = await scene.api.make('POST', `/users/${scene.who('developer').id}/impersonation_tokens`, fields)
  return basic('developer', made.token)
}

/** From the range that is kept for examples (RFC 5737). */
const elsewhere = '192.0.2.66'

/** The right token, from an address that has guessed ten times before. */
const guesser = async (scene: Scene): Promise<Shown> => {
  const authorization = `Basic ${Buffer.from('developer:guess').toString('base64')}`
  const headers = { Authorization: authorization, 'X-Forwarded-For': elsewhere }
  const url = `${scene.server.http}/castle/private.git/info/refs?service=git-upload-pack`
  for (let tries = 0; tries < 10; tries += 1) await (await fetch(url, { headers })).text()
  return { kind: 'basic', login: 'developer', secret: scene.who('developer').token, from: elsewhere }
}

const withOtherName = async (scene: Scene): Promise<Shown> => basic('whoever', scene.who('developer').token)

const personal = 'personal-access-token'

export const people = {
  nothing: {
    who: 'nobody in particular',
    kind: 'anonymous',
    standing: 'public project',
    make: async () => ({ kind: 'nothing' }),
  },
  password: { who: 'Developer, password', kind: 'password', standing: 'Developer', make: passwordOf('developer') },
  'wrong password': { who: 'Developer, wrong password', kind: 'password', standing: '', make: passwordOf('developer', 'guess') },
  'blocked password': { who: 'blocked user, password', kind: 'password', standing: '', make: passwordOf('blocked') },
  api: { who: 'Developer, token (api)', kind: personal, standing: 'Developer', make: tokenOf('developer') },
  'other name': { who: 'Developer, token, any user name', kind: personal, standing: 'Developer', make: withOtherName },
  read_repository: {
    who: 'Developer, token (read_repository)',
    kind: personal,
    standing: 'Developer',
    make: token({ scopes: ['read_repository'] }),
  },
  read_user: { who: 'Developer, token (read_user)', kind: personal, standing: '', make: token({ scopes: ['read_user'] }) },
  expired: {
    who: 'Developer, expired token',
    kind: personal,
    standing: '',
    make: token({ scopes: ['api'], expires_at: '2020-01-01' }),
  },
  revoked: { who: 'Developer, revoked token', kind: personal, standing: '', make: revoked },
  mistyped: { who: 'Developer, mistyped token', kind: personal, standing: '', make: mistyped },
  impersonation: {
    who: 'Developer, impersonation token',
    kind: 'impersonation-token',
    standing: 'Developer',
    make: impersonation,
  },
  guesser: { who: 'Developer, token, address of a guesser', kind: personal, standing: '', make: guesser },
  stranger: { who: 'stranger, token', kind: personal, standing: 'no member', make: tokenOf('stranger') },
  guest: { who: 'Guest, token', kind: personal, standing: 'Guest', make: tokenOf('guest') },
  reporter: { who: 'Reporter, token', kind: personal, standing: 'Reporter', make: tokenOf('reporter') },
  developer: { who: 'Developer, token', kind: personal, standing: 'Developer', make: tokenOf('developer') },
  maintainer: { who: 'Maintainer, token', kind: personal, standing: 'Maintainer', make: tokenOf('maintainer') },
  owner: { who: 'Owner, token', kind: personal, standing: 'Owner', make: tokenOf('owner') },
} as const satisfies Record<string, Recipe>

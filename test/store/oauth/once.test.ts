import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { deviceMemory, memoryOfUsed } from '../../../src/oauth/lives.ts'
import { authorizedApplications, hasAuthorized, revokeAuthorization } from '../../../src/store/oauth/authorizations.ts'
import { codeBySecret, useCode } from '../../../src/store/oauth/codes.ts'
import { answerDevice, deviceBySecret, findDeviceByUserCode, makeDevice, useDevice } from '../../../src/store/oauth/devices.ts'
import { sweepOauth } from '../../../src/store/oauth/sweep.ts'
import { oauthTokenByAccess, retireToken } from '../../../src/store/oauth/tokens.ts'
import type { Writer } from '../../../src/store/routes.ts'
import { OauthStage } from '../../http/oauth/stage.ts'

let stage: OauthStage

beforeAll(async () => {
  stage = await OauthStage.open()
})
afterAll(() => stage?.close())

const there = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('nothing is there')
  return value
}

/** Two workers that both looked before either wrote: what was read says nothing of what may still be done. */
const twice = async (use: (transaction: Writer) => Promise<boolean>): Promise<boolean[]> => [
  await stage.api.store.write.transaction().execute(use),
  await stage.api.store.write.transaction().execute(use),
]

describe('of two who looked at the same time, one uses', () => {
  test('a code', async () => {
    const code = there(await codeBySecret(stage.api.store.read, new Secret(await stage.code('web'))))
    expect(await twice((transaction) => useCode(transaction, code, stage.now))).toEqual([true, false])
  })

  test('a refresh token', async () => {
    const { access } = await stage.tokens('web')
    const { id } = there(await oauthTokenByAccess(stage.api.store.read, new Secret(access)))
    expect(await twice((transaction) => retireToken(transaction, id, stage.now))).toEqual([true, false])
  })

  test('an answer to a device', async () => {
    const { store } = stage.api
    const wish = { applicationId: stage.client('tool').application.id, scopes: ['api'] }
    const { deviceCode, userCode } = await makeDevice(store, wish, stage.now)
    const { id } = there(await findDeviceByUserCode(store.read, userCode, stage.now))
    expect(await answerDevice(store, id, { userId: stage.ada }, stage.now)).toBe(true)
    expect(await answerDevice(store, id, 'denied', stage.now)).toBe(false)
    const device = there(await deviceBySecret(store.read, deviceCode))
    expect(await twice((transaction) => useDevice(transaction, device))).toEqual([true, false])
  })
})

test('a user takes back what an application holds, its codes too, and nothing else', async () => {
  const { store } = stage.api
  const userId = await stage.api.addUser('bea')
  const [web, other] = [stage.client('web').application, stage.client('other').application]
  const held = await stage.tokens('web', { userId, scopes: ['read_user', 'openid'] })
  const code = await stage.code('web', { userId })
  const kept = await stage.tokens('tool', { userId, scopes: ['read_user'] })
  const names = async () => (await authorizedApplications(store.read, userId)).map(({ application }) => application.name)
  expect(await names()).toEqual(['tool', 'web'])
  expect(await hasAuthorized(store.read, userId, web.id, ['read_user'])).toBe(true)
  expect(await hasAuthorized(store.read, userId, web.id, ['read_user', 'api'])).toBe(false)
  expect(await hasAuthorized(store.read, userId, other.id, ['read_user'])).toBe(false)
  expect(await revokeAuthorization(store, userId, web.id, stage.now)).toBe(1)
  expect(await names()).toEqual(['tool'])
  expect([await stage.works(held.access), await stage.works(kept.access)]).toEqual([false, true])
  const form = { grant_type: 'authorization_code', code, redirect_uri: 'https://app.example.org/callback' }
  expect((await stage.token('web', form)).body['error']).toBe('invalid_grant')
})

test('what is over goes in time: devices soon, used codes and tokens once nobody will show them again', async () => {
  const { store } = stage.api
  const { access, refresh } = await stage.tokens('web')
  await stage.token('web', { grant_type: 'refresh_token', refresh_token: refresh })
  const { deviceCode } = await makeDevice(store, { applicationId: stage.client('tool').application.id, scopes: [] }, stage.now)
  const left = async () => [
    (await oauthTokenByAccess(store.read, new Secret(access))) !== undefined,
    (await deviceBySecret(store.read, deviceCode)) !== undefined,
  ]
  await sweepOauth(store, stage.now)
  expect(await left()).toEqual([true, true])
  stage.wait(deviceMemory + 300_001)
  await sweepOauth(store, stage.now)
  expect(await left()).toEqual([true, false])
  stage.wait(memoryOfUsed)
  expect(await sweepOauth(store, stage.now)).toBe(false)
  expect(await left()).toEqual([false, false])
  expect(await sweepOauth(store, stage.now)).toBe(false)
})

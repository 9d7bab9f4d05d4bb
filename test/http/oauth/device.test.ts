import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OauthStage } from './stage.ts'

let stage: OauthStage

beforeAll(async () => {
  stage = await OauthStage.open()
})
afterAll(() => stage?.close())

const begin = async (scope = 'read_user') => {
  const { body } = await stage.post('/oauth/authorize_device', { client_id: stage.client('tool').application.uid, scope })
  return { deviceCode: String(body['device_code']), userCode: String(body['user_code']), body }
}

const poll = async (device_code: string, client = 'tool') => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const { status, body } = await stage.token(client, { grant_type, device_code })
  return status === 200 ? 'tokens' : body['error']
}

test('a device is told what its user has to do', async () => {
  const { body, userCode } = await begin()
  expect(body).toEqual({
    device_code: expect.stringMatching(/^[0-9a-f]{64}$/),
    user_code: expect.stringMatching(/^[B-Z2-9]{8}$/),
    verification_uri: 'https://git.example.org/oauth/device',
    verification_uri_complete: `https://git.example.org/oauth/device?user_code=${userCode}`,
    expires_in: 300,
    interval: 5,
  })
})

describe('a device', () => {
  test('waits, is let in, and is let in once', async () => {
    const { deviceCode, userCode } = await begin()
    expect(await poll(deviceCode)).toBe('authorization_pending')
    expect(await stage.answerDevice(`${userCode.slice(0, 4)}-${userCode.slice(4)}`.toLowerCase(), 'granted')).toBe(true)
    expect(await poll(deviceCode)).toBe('tokens')
    expect(await poll(deviceCode)).toBe('invalid_grant')
  })

  test('that asks too fast has to wait longer each time', async () => {
    const { deviceCode } = await begin()
    expect(await poll(deviceCode)).toBe('authorization_pending')
    stage.wait(1000)
    expect(await poll(deviceCode)).toBe('slow_down')
    stage.wait(5000)
    expect(await poll(deviceCode)).toBe('slow_down')
    stage.wait(15_000)
    expect(await poll(deviceCode)).toBe('authorization_pending')
  })

  test('is told that it was denied, and cannot be let in after that', async () => {
    const { deviceCode, userCode } = await begin()
    await stage.answerDevice(userCode, 'denied')
    expect(await stage.answerDevice(userCode, 'granted')).toBe(false)
    expect(await poll(deviceCode)).toBe('access_denied')
  })

  test('is over after five minutes, whoever would let it in', async () => {
    const { deviceCode, userCode } = await begin()
    stage.wait(300_000)
    expect(await stage.answerDevice(userCode, 'granted')).toBe(false)
    expect(await poll(deviceCode)).toBe('expired_token')
  })

  test('is none of another application', async () => {
    const { deviceCode, userCode } = await begin()
    await stage.answerDevice(userCode, 'granted')
    expect(await poll(deviceCode, 'web')).toBe('invalid_grant')
    expect(await poll(deviceCode)).toBe('tokens')
  })

  test('gets its tokens once, also where it asks ten times at once', async () => {
    const { deviceCode, userCode } = await begin()
    await stage.answerDevice(userCode, 'granted')
    const answers = await Promise.all(Array.from({ length: 10 }, () => poll(deviceCode)))
    expect(answers.filter((answer) => answer === 'tokens')).toHaveLength(1)
  })
})

test.each([
  ['no application', {}, 'invalid_client'],
  ['an unknown application', { client_id: 'nobody' }, 'invalid_client'],
  ['more than the application may have', { scope: 'admin_mode' }, 'invalid_scope'],
])('a device is refused for %s', async (_name, form, error) => {
  const client_id = 'scope' in form ? stage.client('tool').application.uid : undefined
  const { body } = await stage.post('/oauth/authorize_device', { client_id, ...form })
  expect(body['error']).toBe(error)
})

test('thirty devices a minute ask from one address', async () => {
  stage.wait(60_000)
  const told: number[] = []
  for (let count = 0; count < 31; count += 1) {
    const form = { client_id: stage.client('tool').application.uid, scope: 'read_user' }
    told.push((await stage.post('/oauth/authorize_device', form)).status)
  }
  expect([told.indexOf(429), stage.reason]).toEqual([30, 'request_throttled'])
  stage.wait(60_000)
  expect((await begin()).userCode).toHaveLength(8)
})

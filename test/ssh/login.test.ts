import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stage, user } from './stage.ts'

const anna = user(1, 'anna')
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

describe('a key that signs is let in', () => {
  test.each([
    ['ed25519', undefined],
    ['ecdsa', 256],
    ['ecdsa', 384],
    ['ecdsa', 521],
    ['rsa', 3072],
  ] as const)('%s %s', async (type, bits) => {
    const key = stage.makeKey(type, bits)
    stage.register(key.fingerprint, anna)
    expect(await stage.ssh(key, [])).toEqual({ code: 0, stdout: 'Welcome to GitLab, @anna!\n', stderr: expect.any(String) })
  })
})

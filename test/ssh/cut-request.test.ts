import { afterEach, beforeEach, expect, test } from 'vitest'
import { PacketLogin } from '../fuzz/ssh-packets.ts'
import { wireString } from './agent.ts'
import { Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(() => stage.close())

const words = ['git', 'ssh-connection', 'publickey'].map(wireString)

test.each([
  ['before its key', [Buffer.from([0]), wireString('ssh-ed25519')]],
  ['within its key', [Buffer.from([1]), wireString('ssh-ed25519'), Buffer.from([0, 0, 0, 51, 0, 0])]],
  ['within a certificate', [Buffer.from([1]), wireString('ssh-ed25519-cert-v01@openssh.com'), Buffer.from([0, 0, 1])]],
])('a login request that ends %s is refused, and that is no fault', async (_where, rest) => {
  const login = await PacketLogin.open(stage.port, undefined)
  login.say(Buffer.concat([Buffer.from([50]), ...words, ...rest]))
  login.close()
  await login.ended
  // What ssh2 itself finds to be cut, it ends the connection for.
  const line = await stage.lineWhere(({ msg }) => msg === 'login refused' || msg === 'connection broken')
  if (line['msg'] === 'login refused') expect(line['meta.refusal_reason']).toBe('key_malformed')
  expect(stage.logged.filter((one) => Number(one['level']) >= 50)).toEqual([])
})

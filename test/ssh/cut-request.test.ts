import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PacketLogin } from '../fuzz/ssh-packets.ts'
import { ed25519Blob, wireString } from './agent.ts'
import { Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(() => stage.close())

const blob = wireString(ed25519Blob(generateKeyPairSync('ed25519').publicKey))
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

const request = Buffer.concat([Buffer.from([50]), ...words, Buffer.from([0]), wireString('ssh-ed25519'), blob])
const openSession = Buffer.concat([Buffer.from([90]), wireString('session'), Buffer.alloc(12, 1)])

/** CVE-2018-10933 of libssh: a server that believed a client who said that the login had succeeded. */
test.each([
  ['USERAUTH_FAILURE', 51],
  ['USERAUTH_SUCCESS', 52],
  ['USERAUTH_BANNER', 53],
  ['USERAUTH_PK_OK', 60],
])('a client that says %s itself is not in, and that is no fault', async (_name, code) => {
  const login = await PacketLogin.open(stage.port, undefined)
  login.say(request)
  login.say(Buffer.concat([Buffer.from([code]), wireString('publickey'), Buffer.from([0])]))
  login.say(openSession)
  login.say(Buffer.concat([Buffer.from([98]), Buffer.alloc(4), wireString('exec'), Buffer.from([1]), wireString('')]))
  await Promise.race([login.ended, pause(200)])
  login.close()
  await login.ended
  expect(login.heard).toContain('SERVICE_ACCEPT')
  expect(login.heard).not.toContain('USERAUTH_SUCCESS')
  expect(login.heard.filter((name) => name.startsWith('CHANNEL'))).toEqual([])
  expect(stage.logged.filter((one) => Number(one['level']) >= 50)).toEqual([])
})

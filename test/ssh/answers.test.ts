import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate, publicBytesOf } from '../../src/tokens/ssh-certificate.ts'
import { fingerprintOf } from '../../src/tokens/ssh-key.ts'
import { CertificateAuthority } from '../../src/trust/authority.ts'
import { RawClient } from './raw-client.ts'
import { message, text } from './raw-wire.ts'
import { Stage, user } from './stage.ts'

let stage: Stage
/** Every time that something was looked up or checked by the store or the authority. */
let lookUps = 0
const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
const [known, unknown, authority, own] = [newKey(), newKey(), newKey(), newKey()]
const blobOf = (key: KeyObject): Buffer => Buffer.concat([text('ssh-ed25519'), text(publicBytesOf(key))])

beforeAll(async () => {
  const ours = new CertificateAuthority(async () => authority, Date.now)
  const counted = <Found>(found: Found): Found => {
    lookUps += 1
    return found
  }
  stage = await Stage.open({
    beforeLookUp: async () => counted(undefined),
    certificates: { check: (blob, name) => counted(ours.check(blob, name)), isKnown: async () => counted(false) },
  })
  stage.register(fingerprintOf(blobOf(known)), user(1, 'anna'))
})
afterAll(() => stage.close())
beforeEach(() => {
  lookUps = 0
})

const certificate = (by: KeyObject): Buffer => {
  const seconds = Math.floor(Date.now() / 1000)
  const times = { validAfter: seconds - 60, validBefore: seconds + 60 }
  const line = makeCertificate({ key: publicBytesOf(own), serial: 7, keyId: 'ci', principals: ['git'], ...times }, by)
  return Buffer.from(line.split(' ')[1] ?? '', 'base64')
}

type Request = (client: RawClient, name: string) => void

const offers: readonly [string, Request][] = [
  ['a known key', (client, name) => client.sendLogin(name, blobOf(known))],
  ['a known key that signs', (client, name) => client.sendLogin(name, blobOf(known), known)],
  ['an unknown key that signs', (client, name) => client.sendLogin(name, blobOf(unknown), unknown)],
  ['a certificate that signs', (client, name) => client.sendLogin(name, certificate(authority), own)],
  ['a key that is none', (client, name) => client.sendLogin(name, Buffer.concat([text('ssh-ed25519'), text('short')]))],
]

const byOther =
  (method: string, ...more: Buffer[]): Request =>
  (client, name) =>
    client.send(Buffer.concat([Buffer.from([message.loginRequest]), text(name), text('ssh-connection'), text(method), ...more]))

const others: readonly [string, Request][] = [
  ['a password', byOther('password', Buffer.from([0]), text('hunter2'))],
  ['questions', byOther('keyboard-interactive', text(''), text(''))],
  ['a host', byOther('hostbased', text('ssh-ed25519'), text(blobOf(known)), text('host'), text('anna'), text('x'))],
]

/** The one answer to all that is refused: go on by public key, and this was no partial success. */
const refusal = Buffer.concat([Buffer.from([message.loginFailure]), text('publickey'), Buffer.from([0])])

const answers = async (name: string, requests: readonly [string, Request][]): Promise<Record<string, string>> => {
  const client = await RawClient.open(stage.port)
  await client.beginLogin()
  const heard: Record<string, string> = {}
  for (const [what, request] of requests) {
    request(client, name)
    heard[what] = (await client.next()).toString('hex')
  }
  client.socket.destroy()
  return heard
}

const refused = (requests: readonly [string, Request][]): Record<string, string> =>
  Object.fromEntries(requests.map(([what]) => [what, refusal.toString('hex')]))

describe('whoever is not git hears the same, whatever is shown', () => {
  test.each(['anna', 'root', 'nobody', '', 'GIT', 'git\0', 'git ', '../git', 'a'.repeat(1_000), 'gït'])('as %j', async (name) => {
    expect(await answers(name, offers)).toEqual(refused(offers))
    expect(await answers(name, others)).toEqual(refused(others))
    // So its time says nothing either: no name is compared with those of users.
    expect(lookUps).toBe(0)
  })
})

describe('as git', () => {
  const wrong: readonly [string, Request, number][] = [
    ['an unknown key', (client, name) => client.sendLogin(name, blobOf(unknown)), 1],
    ['an unknown key that signs', (client, name) => client.sendLogin(name, blobOf(unknown), unknown), 1],
    ['a known key with the signature of another', (client, name) => client.sendLogin(name, blobOf(known), unknown), 1],
    ['a certificate of nobody', (client, name) => client.sendLogin(name, certificate(unknown), own), 1],
    ['a certificate that is not in the store', (client, name) => client.sendLogin(name, certificate(authority), own), 2],
    ['a key that is none', (client, name) => client.sendLogin(name, Buffer.concat([text('ssh-ed25519'), text('short')])), 0],
    ...others.map(([what, request]): [string, Request, number] => [what, request, 0]),
  ]

  test.each(wrong)(
    '%s is refused by the same answer, and looked up no more often than that takes',
    async (what, request, looks) => {
      expect(await answers('git', [[what, request]])).toEqual(refused([[what, request]]))
      expect(lookUps).toBe(looks)
    },
  )

  test('a known key is asked for once by its offer and once by its signature, whoever has it', async () => {
    const heard = await answers('git', offers.slice(0, 2))
    expect(Object.values(heard).map((answer) => Number.parseInt(answer.slice(0, 2), 16))).toEqual([
      message.keyAccepted,
      message.loginSuccess,
    ])
    expect(lookUps).toBe(2)
  })
})

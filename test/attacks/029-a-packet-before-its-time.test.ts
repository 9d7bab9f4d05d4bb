/**
 * The attack: a packet that comes before its time. Somebody on the way slips one in before the keys are in use, so that
 * the numbers of packets no longer fit and the first encrypted ones can be left out unseen (Terrapin, CVE-2023-48795). Or
 * a client does as if it were logged in: it says "success" itself (CVE-2018-10933), or opens a channel and asks for a
 * command before it has shown a key (CVE-2025-32433).
 * What was believed: a library for SSH takes each packet only where it belongs.
 * What holds: with strict key exchange nothing but the exchange is taken until new keys are in use, and packets are counted
 * anew then; before a login the door takes login requests, and no command reaches it.
 */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/tokens/ssh-key.ts'
import { ed25519Blob } from '../ssh/agent.ts'
import { RawClient } from '../ssh/raw-client.ts'
import { makeOffer, message, number, text } from '../ssh/raw-wire.ts'
import { Stage, user } from '../ssh/stage.ts'

let stage: Stage
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
beforeAll(async () => {
  stage = await Stage.open()
  stage.register(fingerprintOf(ed25519Blob(publicKey)), user(1, 'anna'))
})
afterAll(() => stage.close())

const slipped: readonly [string, Buffer][] = [
  ['to be ignored', Buffer.concat([Buffer.from([message.ignore]), text('x')])],
  ['to be shown', Buffer.concat([Buffer.from([message.debug, 0]), text('x'), text('')])],
  ['that is not understood', Buffer.concat([Buffer.from([message.unimplemented]), number(0)])],
  ['about extensions', Buffer.concat([Buffer.from([message.extensions]), number(0)])],
]

describe('where both sides are strict, a packet is slipped in', () => {
  test.each(slipped)('%s, before the offer: no share is answered', async (_what, packet) => {
    const client = await RawClient.connect(stage.port)
    client.send(packet)
    await expect(client.exchange()).rejects.toThrow()
    await client.closed()
  })

  test.each(slipped)('%s, behind the offer', async (_what, packet) => {
    const client = await RawClient.connect(stage.port)
    await client.offers()
    client.send(packet)
    client.sendShare()
    await client.expect(message.disconnect)
    await client.closed()
  })

  test.each(slipped)('%s, before the new keys', async (_what, packet) => {
    const client = await RawClient.connect(stage.port)
    await client.offers()
    client.sendShare()
    await client.readShare()
    client.send(packet)
    await client.expect(message.newKeys)
    await client.expect(message.disconnect)
    await client.closed()
  })
})

test('packets are counted anew with new keys: one that carries the number it would have had is not taken', async () => {
  const client = await RawClient.connect(stage.port)
  await client.exchange(false)
  client.send(Buffer.concat([Buffer.from([message.serviceRequest]), text('ssh-userauth')]))
  await client.closed()
})

test('a client that is not strict is served as before, and counts on', async () => {
  const client = await RawClient.connect(stage.port, { offer: makeOffer('mlkem768x25519-sha256,ext-info-c') })
  await client.exchange(false)
  await client.beginLogin()
  expect(await client.login(privateKey)).toBe(message.loginSuccess)
  client.socket.destroy()
})

const openSession = Buffer.concat([
  Buffer.from([message.channelOpen]),
  text('session'),
  number(0),
  number(2 ** 21),
  number(2 ** 15),
])
const askFor = (command: string): Buffer =>
  Buffer.concat([Buffer.from([message.channelRequest]), number(0), text('exec'), Buffer.from([1]), text(command)])

describe('before a login', () => {
  const atLogin = async (): Promise<RawClient> => {
    const client = await RawClient.open(stage.port)
    await client.beginLogin()
    return client
  }

  test('a client that says "success" itself is no one', async () => {
    const client = await atLogin()
    client.send(Buffer.from([message.loginSuccess]))
    client.send(openSession)
    client.send(askFor('git-upload-pack x'))
    await client.expect(message.channelRefused)
    expect(await client.login(privateKey)).toBe(message.loginSuccess)
    client.socket.destroy()
  })

  test('no channel is opened, and no command runs', async () => {
    const client = await atLogin()
    client.send(openSession)
    await client.expect(message.channelRefused)
    client.send(askFor('git-upload-pack x'))
    client.send(Buffer.concat([Buffer.from([message.globalRequest]), text('x'), Buffer.from([1])]))
    await client.expect(message.requestFailure)
    client.socket.destroy()
    expect(stage.logged.filter(({ command }) => command !== undefined)).toEqual([])
  })

  test('a login before keys are exchanged ends the connection', async () => {
    const early = await RawClient.connect(stage.port)
    await early.offers()
    early.sendLogin('git', ed25519Blob(publicKey))
    await early.expect(message.disconnect)
    await early.closed()
  })
})

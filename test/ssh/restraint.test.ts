import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ends } from '../../src/git/engine.ts'
import { fingerprintOf } from '../../src/tokens/ssh-key.ts'
import { ed25519Blob } from './agent.ts'
import { RawClient } from './raw-client.ts'
import { makeOffer, message, number, text } from './raw-wire.ts'
import { Stage, user } from './stage.ts'

let stage: Stage
let written = 0
/** Whether a fetch reads and writes nothing, until it is cut off. */
let isDeaf = false
const piece = Buffer.alloc(2 ** 20)
const pieces = 6

/** A fetch that writes six pieces, one after the other is taken. */
const talk = async ({ output }: Ends): Promise<void> => {
  written = 0
  for (let count = 0; count < pieces; count += 1) {
    await new Promise((resolve) => output.write(piece, resolve))
    written += 1
  }
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const blob = ed25519Blob(publicKey)
beforeAll(async () => {
  stage = await Stage.open({
    engine: (engine) =>
      Object.assign(Object.create(engine), {
        uploadPack: async (...[, , , ends, signal]: Parameters<typeof engine.uploadPack>) => {
          await (isDeaf ? once(signal, 'abort') : talk(ends))
          return { kind: 'exited', code: 0 }
        },
      }),
  })
  stage.register(fingerprintOf(blob), user(1, 'anna'))
  await stage.project('group/project', { roles: new Map([[1, 30]]) })
})
afterAll(() => stage.close())

const question = Buffer.concat([Buffer.from([message.globalRequest]), text('x'), Buffer.from([1])])
const openSession = Buffer.concat([Buffer.from([message.channelOpen]), text('session'), number(0), number(0), number(2 ** 15)])
const ignored = Buffer.concat([Buffer.from([message.ignore]), text(Buffer.alloc(16_000))])

const reasons = (): unknown[] => stage.logged.flatMap(({ reason }) => (reason === undefined ? [] : [reason]))

/** Opens a session with a large window, and fetches. */
const fetchAll = (client: RawClient): void => {
  client.send(Buffer.concat([Buffer.from([message.channelOpen]), text('session'), number(0), number(2 ** 31), number(2 ** 15)]))
  const command = text("git-upload-pack 'group/project'")
  client.send(Buffer.concat([Buffer.from([message.channelRequest]), number(0), text('exec'), Buffer.from([1]), command]))
}

describe('before a login', () => {
  test.each([
    ['questions', question],
    ['channels', openSession],
    ['messages to be ignored', ignored],
    ['messages that nobody knows', Buffer.from([150])],
  ])('%s without end end the connection', async (_what, payload) => {
    const client = await RawClient.open(stage.port)
    for (let count = 0; count < 200; count += 1) client.send(payload)
    await client.closed()
    expect(client.socket.bytesRead).toBeLessThan(20_000)
    expect(reasons()).toContain('too many messages before a login')
  })

  test('an offer of more than 16 KiB ends the connection, and so does a login', async () => {
    const offering = await RawClient.connect(stage.port)
    offering.send(makeOffer(`mlkem768x25519-sha256,${'x,'.repeat(8_500)}x`))
    const asking = await RawClient.open(stage.port)
    asking.sendLogin('x'.repeat(17_000), blob)
    await Promise.all([offering.closed(), asking.closed()])
    expect(reasons().filter((reason) => reason === 'a message too large before a login')).toHaveLength(2)
  })

  test('keys are exchanged once', async () => {
    const client = await RawClient.open(stage.port)
    await client.beginLogin()
    client.send(makeOffer())
    await client.closed()
    expect(reasons()).toContain('keys exchanged again before a login')
  })

  test.each([
    ['larger than any', [0x7f, 0xff, 0xff, 0xf8]],
    ['of more than 35,000 bytes', [0, 0, 0x88, 0xbc]],
    ['of no bytes', [0, 0, 0, 0]],
    ['whose length is negative for some', [0xff, 0xff, 0xff, 0xf4]],
  ])('a packet %s ends the connection', async (_what, length) => {
    const client = await RawClient.connect(stage.port)
    client.socket.write(Buffer.from(length))
    client.socket.end()
    await client.closed()
  })

  test('as many keys as are allowed are answered', async () => {
    const client = await RawClient.open(stage.port)
    await client.beginLogin()
    for (let count = 0; count < 5; count += 1) {
      client.sendLogin('git', ed25519Blob(generateKeyPairSync('ed25519').publicKey))
      await client.expect(message.loginFailure)
    }
    expect(await client.login(privateKey)).toBe(message.loginSuccess)
    client.socket.destroy()
  })
})

describe('after a login', () => {
  const loggedIn = async (): Promise<RawClient> => {
    const client = await RawClient.open(stage.port)
    await client.beginLogin()
    expect(await client.login(privateKey)).toBe(message.loginSuccess)
    return client
  }

  test('a client may ask on and on as long as it reads', async () => {
    const client = await loggedIn()
    for (let count = 0; count < 3_000; count += 1) client.send(question)
    for (let count = 0; count < 3_000; count += 1) await client.expect(message.requestFailure)
    client.socket.destroy()
  })

  test('one that asks on and on and reads nothing is cut off', async () => {
    const client = await loggedIn()
    client.socket.pause()
    fetchAll(client)
    await expect.poll(() => written).toBeGreaterThan(1)
    for (let count = 0; count < 1_002; count += 1) client.send(question)
    await expect.poll(reasons).toContain('too many questions whose answers are not read')
    client.socket.destroy()
  })

  test('a client that sends more than was asked for is cut off', async () => {
    const client = await loggedIn()
    isDeaf = true
    fetchAll(client)
    await client.until(message.channelSuccess)
    const data = Buffer.concat([Buffer.from([message.channelData]), number(0), text(Buffer.alloc(30_000))])
    for (let count = 0; count < 160; count += 1) client.send(data)
    await client.closed()
    expect(reasons()).toContain('more bytes than the window of a channel takes')
    isDeaf = false
  })

  test('a client that begins to exchange keys gets no more until it has done so', async () => {
    const client = await loggedIn()
    fetchAll(client)
    await client.offers()
    const before = written
    for (let turns = 0; turns < 300; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(written - before).toBeLessThan(2)
    client.sendShare()
    await client.readShare()
    await client.changeKeys()
    await client.until(message.channelClose)
    expect(written).toBe(pieces)
    client.socket.destroy()
  })
})

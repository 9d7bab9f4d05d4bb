import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerHybrid } from '../../src/ssh/hybrid-exchange.ts'
import { fingerprintOf } from '../../src/tokens/ssh-key.ts'
import { ed25519Blob } from './agent.ts'
import { goServer } from './hybrid-sample.ts'
import { newSecrets, RawClient, secretsFrom, shareOf } from './raw-client.ts'
import { makeOffer, message } from './raw-wire.ts'
import { Stage, user } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const strict = 'kex-strict-c-v00@openssh.com,ext-info-c'

const letIn = async (client: RawClient): Promise<void> => {
  stage.register(fingerprintOf(ed25519Blob(publicKey)), user(1, 'anna'))
  await client.beginLogin()
  expect(await client.login(privateKey)).toBe(message.loginSuccess)
}

test('our client of this file comes to terms with what the server of Go once said', async () => {
  const server = createServer((socket) => socket.write(Buffer.from(goServer.sent, 'base64')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const secrets = secretsFrom(Buffer.from(goServer.seed, 'base64'), Buffer.from(goServer.curve, 'base64'))
  const client = await RawClient.open(address.port, { secrets })
  expect(String(await client.expect(message.extensions))).toContain('server-sig-algs')
  client.socket.destroy()
  server.close()
})

describe('mlkem768x25519-sha256', () => {
  test('both sides come to the same keys, and to new ones once they are in use', async () => {
    const client = await RawClient.open(stage.port)
    await letIn(client)
    await client.exchange()
    client.send(Buffer.from([message.globalRequest, 0, 0, 0, 1, 0x78, 1]))
    await client.expect(message.requestFailure)
    client.socket.destroy()
  })

  test('is taken where it stands behind names that are not', async () => {
    const offer = makeOffer(`sntrup761x25519-sha512,mlkem768x25519-sha256,curve25519-sha256,${strict}`)
    const client = await RawClient.open(stage.port, { offer })
    await letIn(client)
    client.socket.destroy()
  })

  test.each([
    ['its first name and ours', 'mlkem768x25519-sha256,curve25519-sha256'],
    ['our first name alone', 'mlkem768x25519-sha256'],
  ])('a guess is right that names %s', async (_what, exchanges) => {
    const offer = makeOffer(`${exchanges},${strict}`, undefined, true)
    const client = await RawClient.connect(stage.port, { offer })
    await client.exchange()
    await letIn(client)
    client.socket.destroy()
  })

  test('a wrong guess is passed over', async () => {
    const offer = makeOffer(`sntrup761x25519-sha512,mlkem768x25519-sha256,${strict}`, undefined, true)
    const client = await RawClient.connect(stage.port, { offer })
    await client.offers()
    client.sendShare(Buffer.alloc(1190, 1))
    client.sendShare()
    await client.readShare()
    await client.changeKeys()
    await letIn(client)
    client.socket.destroy()
  })

  test('OpenSSH, which has it not, takes the next', async () => {
    const { stderr } = await stage.ssh(stage.keyFor(user(2, 'ben')), [], ['-v', '-o', 'KexAlgorithms=curve25519-sha256'])
    expect(stderr).toContain('kex: algorithm: curve25519-sha256')
  })
})

const share = (): Buffer => shareOf(newSecrets())
const bad: readonly [string, () => Buffer][] = [
  ['nothing', () => Buffer.alloc(0)],
  ['a share of X25519 alone', () => share().subarray(1184)],
  ['a byte too few', () => share().subarray(1)],
  ['a byte too many', () => Buffer.concat([share(), Buffer.alloc(1)])],
  [
    'a ciphertext in place of a key',
    () => Buffer.concat([answerHybrid(share()).share.subarray(0, 1088), share().subarray(1088)]),
  ],
  ['an answer', () => answerHybrid(share()).share],
  ['a key with numbers out of range', () => Buffer.concat([Buffer.alloc(1184, 0xff), share().subarray(1184)])],
  ['a point of X25519 that leaves no secret', () => Buffer.concat([share().subarray(0, 1184), Buffer.alloc(32)])],
  ['the point 1', () => Buffer.concat([share().subarray(0, 1184), Buffer.from([1]), Buffer.alloc(31)])],
]

describe('in place of a share', () => {
  test.each(bad)('%s is refused', (_what, make) => {
    expect(() => answerHybrid(make())).toThrow()
  })

  test.each(bad)('%s ends that connection, and makes no noise', async (_what, make) => {
    const client = await RawClient.connect(stage.port)
    await client.offers()
    client.sendShare(make())
    await client.expect(message.disconnect)
    await client.closed()
    expect(stage.logged.filter(({ level }) => level === 50)).toEqual([])
  })

  test('whatever comes as a share or an offer, the door stays open', async () => {
    const payload = fc.tuple(fc.constantFrom(message.offer, message.share, message.newKeys), fc.uint8Array({ maxLength: 300 }))
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { minLength: 1, maxLength: 4 }), async (payloads) => {
        const client = await RawClient.connect(stage.port)
        for (const [type, bytes] of payloads) client.send(Buffer.from([type, ...bytes]))
        client.socket.end()
        await client.closed()
      }),
      { numRuns: 60 },
    )
    const client = await RawClient.open(stage.port)
    client.socket.destroy()
    expect(stage.logged.filter(({ level }) => level === 50)).toEqual([])
  })
})

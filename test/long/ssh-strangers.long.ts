import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { ed25519Blob } from '../ssh/agent.ts'
import { newSecrets, RawClient } from '../ssh/raw-client.ts'
import { makeOffer, message, number, text } from '../ssh/raw-wire.ts'
import { startSallyport } from '../support/sallyport.ts'
import { memoryOf } from './memory.ts'

const most = 1_000
/** On a slow machine those who came first would be cut off before the last has come; milliseconds. */
const patience = 15_000
const ofEachAddress = 100
const secrets = newSecrets()
/** The largest packet that is taken, but for its last byte. Whole blocks are counted with the length at first, later without. */
const unfinished = (length: 34_988 | 34_992): Buffer => Buffer.concat([number(length), Buffer.alloc(length - 1, 1)])
const largeOffer = makeOffer(`mlkem768x25519-sha256,kex-strict-c-v00@openssh.com,ext-info-c,${'x,'.repeat(8_000)}x`)
const blob = ed25519Blob(generateKeyPairSync('ed25519').publicKey)

type Behaviour = (port: number, from: string) => Promise<RawClient>

const behaviours: readonly [string, Behaviour][] = [
  [
    'an offer as large as can be, and a packet that does not end',
    async (port, from) => {
      const client = await RawClient.connect(port, { from, offer: largeOffer })
      await client.offers()
      client.socket.write(unfinished(34_988))
      return client
    },
  ],
  [
    'login requests as large as can be, and a packet that does not end',
    async (port, from) => {
      const client = await RawClient.open(port, { from, offer: largeOffer, secrets })
      await client.beginLogin()
      for (let count = 0; count < 2; count += 1) client.sendLogin('x'.repeat(16_000), blob)
      for (let count = 0; count < 2; count += 1) await client.expect(message.loginFailure)
      client.send(Buffer.concat([Buffer.from([message.ignore]), text(Buffer.alloc(16_000))]))
      client.socket.write(unfinished(34_992))
      return client
    },
  ],
]

const isOpen = ({ socket }: RawClient): boolean => !socket.destroyed && !socket.readableEnded

test.each(behaviours)('strangers, each with %s, cost little', async (_what, behave) => {
  await using server = await startSallyport({})
  const pid = server.process.pid ?? 0
  const { port } = server.ssh
  const before = await memoryOf(pid)
  const begun = performance.now()
  const clients: RawClient[] = []
  for (let at = 0; at < most && performance.now() - begun < patience; at += 20) {
    const from = `127.0.0.${2 + Math.floor(at / ofEachAddress)}`
    clients.push(...(await Promise.all(Array.from({ length: 20 }, () => behave(port, from)))))
  }
  const seconds = (performance.now() - begun) / 1000
  const strangers = clients.filter(isOpen).length
  expect(strangers).toBe(clients.length)
  expect(strangers).toBeGreaterThanOrEqual(ofEachAddress)
  const each = ((await memoryOf(pid)) - before) / strangers
  const asked = performance.now()
  expect((await fetch(`${server.http}/-/health`)).status).toBe(200)
  const health = performance.now() - asked
  console.info({ strangers, seconds, bytesOfEach: Math.round(each), healthMilliseconds: Math.round(health) })
  expect(each).toBeLessThan(300_000)
  // One more of an address that has its hundred is turned away; others are served.
  await expect(RawClient.open(port, { from: '127.0.0.2' })).rejects.toThrow()
  const other = await RawClient.open(port, { from: '127.0.0.99' })
  await other.beginLogin()
  other.socket.destroy()
  // And all of them are gone once the time for a login is over.
  await Promise.all(clients.map((client) => client.closed()))
  expect(server.log.filter(({ level }) => level === 50)).toEqual([])
})

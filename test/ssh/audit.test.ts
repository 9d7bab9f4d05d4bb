import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawClient } from './raw-client.ts'
import { message, readTexts } from './raw-wire.ts'
import { Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

/** What the program ssh-audit says of the door, line by line; how it ends depends on what it has to say. */
const audited = (): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const words = ['--no-colors', '-p', String(stage.port), '127.0.0.1']
    execFile('ssh-audit', words, { encoding: 'utf8' }, (_end, stdout) => resolve(stdout.split('\n')))
  })

const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
]

const offered = {
  kex: [
    'mlkem768x25519-sha256',
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'kex-strict-s-v00@openssh.com',
  ],
  key: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  enc: ciphers,
  mac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
}

test('ssh-audit finds the algorithms that are meant to be offered, and none of them failed', async () => {
  const lines = await audited()
  const named = (kind: string): string[] =>
    lines
      .flatMap((line) => new RegExp(`^\\(${kind}\\) (\\S+)`).exec(line)?.[1] ?? [])
      .filter((name, at, all) => all.indexOf(name) === at)
  expect({ kex: named('kex'), key: named('key'), enc: named('enc'), mac: named('mac') }).toEqual(offered)
  expect(lines.filter((line) => line.includes('[fail]'))).toEqual([])
})

test('the offer on the wire is that, in both directions, without compression', async () => {
  const client = await RawClient.open(stage.port)
  const lists = [offered.kex, offered.key, ciphers, ciphers, offered.mac, offered.mac, ['none'], ['none'], [], []]
  expect(client.offered).toEqual(lists.map((names) => names.join(',')))
  client.socket.destroy()
})

test('signatures of clients that are taken stand on the wire, with both of RSA that are sound', async () => {
  const client = await RawClient.open(stage.port)
  const extensions = await client.expect(message.extensions)
  expect(extensions.readUInt32BE(1)).toBe(1)
  expect(readTexts(extensions, 5, 2).map(String)).toEqual([
    'server-sig-algs',
    [
      'ssh-ed25519',
      'sk-ssh-ed25519@openssh.com',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ].join(','),
  ])
  client.socket.destroy()
})

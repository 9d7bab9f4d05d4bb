import { spawn } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { Server } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/tokens/ssh-key.ts'
import { type AgentKey, ed25519Blob, ed25519Signature, openAgent, securityKeyBlob, securityKeySignature } from './agent.ts'
import { type ClientKey, type Ran, Stage, type StageOptions, user } from './stage.ts'

const anna = user(1, 'anna')
const mallory = user(2, 'mallory')

let stage: Stage
let agents: Server[] = []
const open = async (options?: StageOptions): Promise<void> => {
  stage = await Stage.open(options)
}
beforeEach(() => open())
afterEach(async () => {
  for (const agent of agents) agent.close()
  agents = []
  await stage.close()
})

const welcomed = (name: string): Ran => ({ code: 0, stdout: `Welcome to GitLab, ${name}!\n`, stderr: expect.any(String) })
const denied = { code: 255, stdout: '', stderr: expect.stringContaining('Permission denied (publickey)') }

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const honest = ({ publicKey, privateKey }: Pair): AgentKey => ({
  blob: ed25519Blob(publicKey),
  sign: (data) => ed25519Signature(privateKey, data),
})

const withAgent = async (
  keys: readonly AgentKey[],
  command: readonly string[] = [],
  more: readonly string[] = [],
): Promise<Ran> => {
  const path = join(stage.directory, `agent-${agents.length}`)
  agents.push(await openAgent(path, keys))
  return stage.ssh(undefined, command, ['-o', `IdentityAgent=${path}`, ...more])
}

const registered = (pair: Pair, owner = anna): Pair => {
  stage.register(fingerprintOf(ed25519Blob(pair.publicKey)), owner)
  return pair
}
const pairs = (count: number): Pair[] => Array.from({ length: count }, () => generateKeyPairSync('ed25519'))

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
    expect(await stage.ssh(key, [])).toEqual(welcomed('@anna'))
  })

  test.each([
    ['sha2-256', 'rsa-sha2-256'],
    ['sha2-512', 'rsa-sha2-512'],
  ])('RSA with %s', async (_name, algorithm) => {
    const key = stage.makeKey('rsa', 2048)
    stage.register(key.fingerprint, anna)
    const ran = await stage.ssh(key, [], ['-v', '-o', `PubkeyAcceptedAlgorithms=${algorithm}`])
    expect(ran).toEqual(welcomed('@anna'))
  })

  test('a security key that was touched', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const blob = securityKeyBlob(publicKey)
    stage.register(fingerprintOf(blob), anna)
    expect(await withAgent([{ blob, sign: (data) => securityKeySignature(privateKey, data, 1) }])).toEqual(welcomed('@anna'))
  })

  test('an expired key, which is told so at its command', async () => {
    const key = stage.keyFor(anna, { expiresAt: Date.now() - 1 })
    const ran = await stage.ssh(key, [])
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('remote: ERROR: Your SSH key has expired.'),
    })
    expect(await stage.lineWhere((line) => line['msg'] === 'refused')).toMatchObject({
      'meta.refusal_reason': 'key_expired',
      command: 'welcome',
    })
  })
})

describe('rsa-sha2-512', () => {
  test('the list of signature algorithms is well-formed, and the best of it is used', async () => {
    const key = stage.makeKey('rsa', 3072)
    stage.register(key.fingerprint, anna)
    const { stderr } = await stage.ssh(key, [], ['-vvv'])
    const [, list = ''] = /server-sig-algs=<([^>]*)>/.exec(stderr) ?? []
    expect(list.split(',').sort()).toEqual(
      [
        'ecdsa-sha2-nistp256',
        'ecdsa-sha2-nistp384',
        'ecdsa-sha2-nistp521',
        'rsa-sha2-256',
        'rsa-sha2-512',
        'sk-ssh-ed25519@openssh.com',
        'ssh-ed25519',
      ].sort(),
    )
    expect(stderr).toMatch(/signing using rsa-sha2-512/)
  })

  test('nothing is offered that rests on SHA-1, and no compression', async () => {
    const { stderr } = await stage.ssh(stage.keyFor(anna), [], ['-vv'])
    const [, offer = ''] = /peer server KEXINIT proposal([\s\S]*?)first_kex_follows/.exec(stderr) ?? []
    expect(offer).toContain('host key algorithms: ssh-ed25519,rsa-sha2-512,rsa-sha2-256\r')
    expect(offer).not.toMatch(/sha1|ssh-rsa|ssh-dss|group-exchange|zlib|cbc/)
    expect(stderr).toContain('kex-strict-s-v00@openssh.com')
  })
})

describe('only a signature makes an identity', () => {
  test("a stranger who offers Anna's public key and signs with his own is himself", async () => {
    const [victim, own] = pairs(2).map((pair, index) => registered(pair, index === 0 ? anna : mallory))
    if (!victim || !own) throw new Error('two pairs')
    const stolen: AgentKey = { blob: ed25519Blob(victim.publicKey), sign: () => undefined }
    const ran = await withAgent([stolen, honest(own)], [], ['-v'])
    expect(ran).toEqual(welcomed('@mallory'))
    expect(ran.stderr).toContain('Server accepts key')
  })

  test("Anna's public key with the signature of another key is refused", async () => {
    const [victim, own] = pairs(2).map((pair, index) => registered(pair, index === 0 ? anna : mallory))
    if (!victim || !own) throw new Error('two pairs')
    const forged: AgentKey = {
      blob: ed25519Blob(victim.publicKey),
      sign: (data) => ed25519Signature(own.privateKey, data),
    }
    expect(await withAgent([forged])).toEqual(denied)
    expect(await stage.lineWhere((line) => line['msg'] === 'login refused')).toMatchObject({
      refused: { [fingerprintOf(forged.blob)]: 'signature_wrong' },
    })
  })

  test('a signature over something else is refused', async () => {
    const [own] = pairs(1).map((pair) => registered(pair))
    if (!own) throw new Error('a pair')
    const blob = ed25519Blob(own.publicKey)
    const replayed = ed25519Signature(own.privateKey, Buffer.from('an earlier session'))
    expect(await withAgent([{ blob, sign: () => replayed }])).toEqual(denied)
  })

  test.each<[string, (signature: Buffer) => Buffer]>([
    ['one bit changed', (signature) => Buffer.from(signature.map((byte, at) => (at === signature.length - 9 ? byte ^ 1 : byte)))],
    ['cut short', (signature) => signature.subarray(0, -7)],
    ['nothing', () => Buffer.alloc(0)],
    ['zeros', (signature) => Buffer.alloc(signature.length)],
  ])('a signature that is %s is refused', async (_name, spoil) => {
    const [own] = pairs(1).map((pair) => registered(pair))
    if (!own) throw new Error('a pair')
    const { blob, sign } = honest(own)
    const spoiled: AgentKey = { blob, sign: (data, flags) => spoil(sign(data, flags) ?? Buffer.alloc(0)) }
    expect((await withAgent([spoiled])).code).toBe(255)
    expect(stage.logged.some((line) => line['level'] === 50)).toBe(false)
  })

  test('a security key that nobody touched is refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const blob = securityKeyBlob(publicKey)
    stage.register(fingerprintOf(blob), anna)
    expect(await withAgent([{ blob, sign: (data) => securityKeySignature(privateKey, data, 0) }])).toEqual(denied)
  })
})

describe('who is not let in', () => {
  const refusedBecause = async (key: ClientKey, reason: string): Promise<void> => {
    expect(await stage.lineWhere((line) => line['msg'] === 'login refused')).toMatchObject({
      level: 40,
      door: 'ssh',
      remote_ip: '127.0.0.1',
      'meta.refusal_reason': reason,
      refused: { [key.fingerprint]: reason },
    })
  }

  test('a key that nobody registered', async () => {
    const key = stage.makeKey()
    expect(await stage.ssh(key, [])).toEqual(denied)
    await refusedBecause(key, 'key_unknown')
  })

  test('a key that is stored for signing commits only', async () => {
    const key = stage.keyFor(anna, { usage: 'signing' })
    expect(await stage.ssh(key, [])).toEqual(denied)
    await refusedBecause(key, 'key_unknown')
  })

  test.each(['root', 'anna', 'gitt', 'GIT'])('user name %s, whatever the key', async (name) => {
    expect(await stage.ssh(stage.keyFor(anna), [], [], name)).toEqual(denied)
    expect(await stage.lineWhere((line) => line['msg'] === 'login refused')).toMatchObject({
      refused: { 'user name': 'user_name_refused' },
    })
  })

  test('a client that brings no key at all makes no noise', async () => {
    expect(await stage.ssh(undefined, [], ['-o', 'IdentityAgent=none'])).toEqual(denied)
    expect(stage.logged.filter((line) => line['msg'] === 'login refused')).toEqual([])
  })

  test('a key that was removed between login and command', async () => {
    const key = stage.keyFor(anna)
    const stored = stage.keys.get(key.fingerprint)
    stage.keys.get = (fingerprint) => {
      // The login asks twice, for the offer and for the signature; then the key is gone.
      asked += 1
      return asked <= 2 && fingerprint === key.fingerprint ? stored : undefined
    }
    let asked = 0
    const ran = await stage.ssh(key, [])
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is not accepted') })
  })
})

describe('a client that leaves while its key is looked up', () => {
  test.each([
    ['for the offer', 1],
    ['for the signature', 2],
  ])('%s is not logged in afterwards', async (_name, time) => {
    await stage.close()
    const news = new EventEmitter()
    let lookUps = 0
    await open({
      limits: { idle: 100, keepalive: 50 },
      beforeLookUp: async () => {
        lookUps += 1
        if (lookUps < time) return
        const answered = once(news, 'answer')
        news.emit('asked')
        await answered
      },
    })
    const asked = once(news, 'asked')
    const client = spawn('ssh', stage.sshArguments(stage.keyFor(anna)))
    await asked
    client.kill('SIGKILL')
    await once(client, 'close')
    await new Promise((resolve) => setTimeout(resolve, 50))
    news.emit('answer')
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(stage.logged.filter((line) => line['reason'] === 'Keepalive timeout' || line['level'] === 50)).toEqual([])
  })
})

describe('tries', () => {
  const offering = async (wrong: number): Promise<Ran> => {
    const keys = pairs(wrong + 1)
    const last = keys.at(-1)
    if (last) registered(last)
    return withAgent(keys.map(honest))
  }

  test('a client may offer five wrong keys before the right one', async () => {
    expect(await offering(5)).toEqual(welcomed('@anna'))
  })

  test('after six failures the seventh try is cut off, right or not', async () => {
    const ran = await offering(6)
    expect(ran.code).toBe(255)
    expect(ran.stdout).toBe('')
    expect(await stage.lineWhere((line) => line['msg'] === 'login refused')).toMatchObject({
      tries: 6,
      refused: { connection: 'too_many_tries' },
    })
  })
})

describe('limits', () => {
  const reopen = async (limits: StageOptions['limits'], more: StageOptions = {}): Promise<void> => {
    await stage.close()
    await open({ limits: limits ?? {}, ...more })
  }

  const knock = (): ReturnType<typeof connect> => connect(stage.port, '127.0.0.1').on('error', () => {})

  test('a client that does not log in in time is cut off', async () => {
    await reopen({ loginGrace: 200 })
    const socket = knock()
    socket.resume()
    await once(socket, 'close')
    expect(await stage.lineWhere((line) => line['meta.refusal_reason'] === 'login_grace_over')).toMatchObject({
      remote_ip: '127.0.0.1',
    })
  })

  test('the grace ends with the login', async () => {
    await reopen({ loginGrace: 1500, idle: 3000 })
    const begun = performance.now()
    const ran = await stage.ssh(stage.keyFor(anna), [], ['-N'])
    expect(performance.now() - begun).toBeGreaterThan(2900)
    expect(ran.code).not.toBe(0)
  })

  test('where there is no room at all, a connection is turned away with a line, and the log has one', async () => {
    await reopen({}, { connections: 0 })
    const socket = knock()
    const heard: Buffer[] = []
    socket.on('data', (chunk: Buffer) => heard.push(chunk))
    await once(socket, 'close')
    expect(String(Buffer.concat(heard))).toBe('The server is busy. Try again in a few seconds.\r\n')
    expect(await stage.lineWhere((line) => line['turned_away'] !== undefined)).toMatchObject({
      turned_away: { connections: 1 },
    })
  })

  test('a connection that has not logged in gives way to the next', async () => {
    await reopen({}, { connections: 2 })
    const sockets = [knock(), knock()]
    await Promise.all(sockets.map((socket) => once(socket, 'data')))
    const firstGone = once(sockets[0] ?? knock(), 'close')
    expect((await stage.ssh(stage.keyFor(anna), [])).code).toBe(0)
    await firstGone
    for (const socket of sockets) socket.destroy()
  })

  test('too many of one address that have not logged in', async () => {
    await reopen({ unauthenticatedPerAddress: 1 })
    const first = knock()
    await once(first, 'data')
    expect((await stage.ssh(stage.keyFor(anna), [])).code).toBe(255)
    expect(await stage.lineWhere((line) => line['turned_away'] !== undefined)).toMatchObject({
      turned_away: { unauthenticated_of_address: 1 },
    })
    first.destroy()
    await once(first, 'close')
    await expect.poll(async () => (await stage.ssh(stage.keyFor(anna), [])).code).toBe(0)
  })

  test.each<[string, string]>([
    ['no SSH at all', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a line without end', 'SSH-2.0-'.padEnd(100_000, 'x')],
    ['garbage behind the first line', `SSH-2.0-x\r\n${'\u0000\u00ff'.repeat(500)}`],
  ])('%s ends that connection and no other', async (_name, bytes) => {
    const socket = knock()
    socket.resume()
    socket.end(bytes)
    await once(socket, 'close')
    expect(await stage.ssh(stage.keyFor(anna), [])).toEqual(welcomed('@anna'))
  })
})

describe('host keys', () => {
  test.each(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'])('a client may ask for %s', async (algorithm) => {
    expect(await stage.ssh(stage.keyFor(anna), [], ['-o', `HostKeyAlgorithms=${algorithm}`])).toEqual(welcomed('@anna'))
  })

  test.each(['ssh-rsa', 'ecdsa-sha2-nistp256'])('a client that knows %s alone finds nothing in common', async (algorithm) => {
    const ran = await stage.ssh(stage.keyFor(anna), [], ['-o', `HostKeyAlgorithms=${algorithm}`])
    expect(ran).toMatchObject({ code: 255, stderr: expect.stringContaining('no matching host key type found') })
  })

  test('may be replaced while connections are open', async () => {
    const key = stage.keyFor(anna)
    const { private: fresh, public: line } = (await import('ssh2')).default.utils.generateKeyPairSync('ed25519')
    stage.door?.replaceHostKeys([fresh])
    const known = ['-o', 'UserKnownHostsFile=/dev/null', '-v']
    const { stderr } = await stage.ssh(key, [], known)
    const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64')
    expect(stderr).toContain(`Server host key: ssh-ed25519 ${fingerprintOf(blob)}`)
  })
})

import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadServerKeys, loadSigningKeys } from '../src/keys.ts'
import { UnusableKeyFile } from '../src/unusable-key-file.ts'

let home = ''
let directory = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'server-keys-'))
  directory = join(home, 'keys')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const modeOf = (name: string): number => statSync(join(directory, name)).mode & 0o777
const hostNames = ['ssh_host_ed25519_key', 'ssh_host_rsa_key']

describe('a first start', () => {
  test('makes the quick key before it returns and the slow ones in the background', async () => {
    const keys = await loadServerKeys(directory)
    expect(keys.hostKeys).toHaveLength(1)
    const complete = await keys.complete()
    expect(complete.hostKeys.slice(0, 1)).toEqual(keys.hostKeys)
    expect(complete.hostKeys).toHaveLength(2)
    const signing = createPrivateKey(complete.signingKey)
    expect(signing.asymmetricKeyType).toBe('rsa')
    expect(signing.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048)
  })

  test('leaves private files of mode 0600, public ones beside them, and nothing else', async () => {
    await (await loadServerKeys(directory)).complete()
    const publics = hostNames.map((name) => `${name}.pub`)
    expect(readdirSync(directory).sort()).toEqual([...hostNames, ...publics, 'signing_key.pem'].sort())
    for (const name of [...hostNames, 'signing_key.pem']) expect(modeOf(name)).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  test.each([
    ['ssh_host_ed25519_key', '256', 'ED25519'],
    ['ssh_host_rsa_key', '3072', 'RSA'],
  ])('%s is one that ssh-keygen reads, and its public half belongs to it', async (name, bits, type) => {
    await (await loadServerKeys(directory)).complete()
    const path = join(directory, name)
    const listed = execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`], { encoding: 'utf8' })
    expect(listed).toMatch(new RegExp(`^${bits} SHA256:.* \\(${type}\\)`))
    const derived = execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' })
    expect(readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2)).toEqual(derived.trim().split(' ').slice(0, 2))
  })

  test('a folder that a checkout made readable for all is closed', async () => {
    mkdirSync(directory, { mode: 0o755 })
    await (await loadServerKeys(directory)).complete()
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })
})

test('an unreadable key, as ssh2 makes one in 256, is thrown away and another one made', async () => {
  const make = vi.spyOn(ssh2.utils, 'generateKeyPairSync') as unknown as {
    mockReturnValueOnce(pair: object): void
    mockRestore(): void
  }
  make.mockReturnValueOnce({
    private: '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
    public: '',
  })
  const { hostKeys } = await loadServerKeys(directory)
  make.mockRestore()
  expect(hostKeys.map((pem) => ssh2.utils.parseKey(pem) instanceof Error)).toEqual([false])
})

describe('a second start', () => {
  test('loads the same keys', async () => {
    const first = await (await loadServerKeys(directory)).complete()
    const second = await (await loadServerKeys(directory)).complete()
    expect(second).toEqual(first)
  })

  test('writes a lost public file again', async () => {
    await (await loadServerKeys(directory)).complete()
    const path = join(directory, 'ssh_host_ed25519_key.pub')
    const before = readFileSync(path, 'utf8')
    rmSync(path)
    await (await loadServerKeys(directory)).complete()
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  test('two starts at once end with the same keys', async () => {
    const loaded = await Promise.all([loadServerKeys(directory), loadServerKeys(directory)])
    const [one, other] = await Promise.all(loaded.map((keys) => keys.complete()))
    expect(one).toEqual(other)
  })
})

describe('what stops the start with one line', () => {
  const refused = async (): Promise<string> => {
    const fault = await loadServerKeys(directory).then(
      async (keys) => keys.complete().catch((late: unknown) => late),
      (early: unknown) => early,
    )
    expect(fault).toBeInstanceOf(UnusableKeyFile)
    const message = fault instanceof Error ? fault.message : ''
    expect(message).not.toContain('\n')
    return message
  }

  test('a private key that others can read', async () => {
    await (await loadServerKeys(directory)).complete()
    chmodSync(join(directory, 'ssh_host_rsa_key'), 0o640)
    expect(await refused()).toMatch(/ssh_host_rsa_key: mode 0640 .*chmod 600/)
  })

  test.each([...hostNames, 'signing_key.pem'])('a file %s that is no key, which is kept as it is', async (name) => {
    mkdirSync(directory)
    const path = join(directory, name)
    writeFileSync(path, 'not a key', { mode: 0o600 })
    expect(await refused()).toContain(`${name}: is no private key`)
    expect(readFileSync(path, 'utf8')).toBe('not a key')
  })

  test('a folder in the place of a key', async () => {
    mkdirSync(join(directory, 'ssh_host_rsa_key'), { recursive: true, mode: 0o700 })
    expect(await refused()).toMatch(/ssh_host_rsa_key: cannot be read/)
  })

  test('a file in the place of the folder', async () => {
    writeFileSync(directory, '')
    expect(await refused()).toMatch(/keys: cannot be used for keys/)
  })
})

describe('signing keys', () => {
  const rsa = (): string =>
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const put = (name: string, text: string, mode = 0o600): void => writeFileSync(join(directory, name), text, { mode })

  test('the one that signs comes first, then those that are only published', async () => {
    const complete = await (await loadServerKeys(directory)).complete()
    expect(await loadSigningKeys(directory)).toEqual([complete.signingKey])
    const [old, next] = [rsa(), rsa()]
    put('signing_key.2026.pem', old)
    put('signing_key.next.pem', next)
    put('signing_key.pem.backup', 'no key')
    expect(await loadSigningKeys(directory)).toEqual([complete.signingKey, old, next])
  })

  test('one that others may read, or that is none, is refused by name', async () => {
    await loadServerKeys(directory)
    put('signing_key.old.pem', rsa(), 0o644)
    await expect(loadSigningKeys(directory)).rejects.toThrow(/signing_key\.old\.pem: mode 0644/)
    rmSync(join(directory, 'signing_key.old.pem'))
    put('signing_key.old.pem', 'no key')
    await expect(loadSigningKeys(directory)).rejects.toThrow(/signing_key\.old\.pem: is no private key/)
  })
})

import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const variable = 'SALLYPORT_TEST_SLOW_KEYS'

const writeKey = (path: string, modulusLength: number, type: 'pkcs1' | 'pkcs8'): void => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength })
  writeFileSync(path, privateKey.export({ type, format: 'pem' }), { mode: 0o600 })
}

/** Once for all tests: each server would spend most of its start on RSA keys, which `keys.test.ts` looks at. */
export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
  writeKey(join(folder, 'ssh_host_rsa_key'), 3072, 'pkcs1')
  for (const name of ['signing_key', 'registry_key', 'registry_key.next']) writeKey(join(folder, `${name}.pem`), 2048, 'pkcs8')
  process.env[variable] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** A folder, of mode 0700, that holds them; none outside of a test run. */
export const slowKeys = (): string | undefined => process.env[variable]

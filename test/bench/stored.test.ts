import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoredCrowd, tokenValue } from '../../bench/stored.ts'
import { Secret } from '../../src/core/secret.ts'
import { StoredCredentials } from '../../src/store/lookups.ts'
import { Passwords } from '../../src/tokens/passwords.ts'
import { type TemporaryStore, temporaryStore } from '../store/temporary-store.ts'

let temporary: TemporaryStore

beforeAll(async () => {
  temporary = await temporaryStore()
})

afterAll(() => temporary.close())

test('tokens that the bench stores are tokens to the server', async () => {
  using crowd = new StoredCrowd(dirname(temporary.file))
  crowd.growTokens(2)
  crowd.growTokens(3)
  crowd.addKeys(3)
  const lookups = new StoredCredentials(temporary.store.read, new Passwords(), Date.now)
  const found = await lookups.accessToken(new Secret(tokenValue(2)))
  expect(found).toMatchObject({ kind: 'personal-access-token', scopes: ['read_repository'], revoked: false })
  expect(found?.user).toMatchObject({ username: 'user-2', state: 'active', isConfirmed: true })
  expect(await lookups.accessToken(new Secret(tokenValue(3)))).toBeUndefined()
})

test('and so are its keys', async () => {
  const rows = await temporary.store.read.selectFrom('keys').select(['fingerprint_sha256', 'user_id']).execute()
  expect(new Set(rows.map((row) => row.fingerprint_sha256))).toHaveLength(3)
  const lookups = new StoredCredentials(temporary.store.read, new Passwords(), Date.now)
  expect(await lookups.key(rows[0]?.fingerprint_sha256 ?? '')).toBeDefined()
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrate, openStore } from '../../src/store/sqlite.ts'

/** Where the shield looks, and what it leaves out: what people type has no form by which it could be found. */
const looked = [
  'access_tokens.digest',
  'deploy_tokens.digest',
  'jobs.token_digest',
  'oauth_applications.secret_digest',
  'oauth_codes.digest',
  'oauth_devices.device_digest',
  'oauth_tokens.access_digest',
  'oauth_tokens.refresh_digest',
  'registration_tokens.digest',
  'runners.token_digest',
  'triggers.digest',
  'trust_grants.digest',
  'user_tokens.digest',
  'web_sessions.digest',
]
const leftOut = ['oauth_devices.user_code_digest', 'recovery_codes.digest']

test('every column that holds digests of secrets is looked at, or left out for a reason', async () => {
  const home = await mkdtemp(join(tmpdir(), 'digests-'))
  const file = join(home, 'sallyport.db')
  const store = openStore(file)
  await migrate(store)
  await store.close()
  const database = new Database(file, { readonly: true })
  const columns = database
    .prepare(
      "select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.name like '%digest'",
    )
    .pluck()
    .all() as string[]
  database.close()
  await rm(home, { recursive: true })
  expect(columns.sort()).toEqual([...looked, ...leftOut].sort())
})

import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/sqlite.ts'
import { temporaryStore } from '../store/temporary-store.ts'
import { sallyport } from './command-line.ts'

test('the second factor of somebody who lost it is turned off, with every session, and told in the audit', async () => {
  const temporary = await temporaryStore()
  const { id } = await temporary.user('ada')
  const { write } = temporary.store
  await write.updateTable('users').set({ two_factor_enabled: 1, is_admin: 1 }).where('id', '=', id).execute()
  await write.insertInto('two_factor').values({ user_id: id, sealed: 'x', last_step: 1, created_at: 'x' }).execute()
  await write.insertInto('recovery_codes').values({ user_id: id, digest: 'x' }).execute()
  const at = (...words: string[]) => sallyport(['two-factor', 'disable', '--home', dirname(temporary.file), ...words])
  const [off, nobody] = await Promise.all([at('--user', 'ada'), at('--user', 'nobody')])
  expect(off).toEqual({ code: 0, stdout: 'Turned off: the second factor of ada\n', stderr: '' })
  expect(nobody).toEqual({ code: 1, stdout: '', stderr: 'sallyport: there is no user "nobody"\n' })
  expect(JSON.parse((await at('--user', String(id), '--json')).stdout)).toEqual({ user: 'ada', disabled: true, already: true })
  const store = openStore(temporary.file)
  const left = await Promise.all([
    store.read.selectFrom('two_factor').selectAll().execute(),
    store.read.selectFrom('recovery_codes').selectAll().execute(),
    store.read.selectFrom('users').select('two_factor_enabled').where('id', '=', id).execute(),
    store.activity.selectFrom('audit_events').select('name').execute(),
  ])
  expect(left).toEqual([[], [], [{ two_factor_enabled: 0 }], [{ name: 'user_disable_two_factor' }]])
  await store.close()
  await temporary.close()
})

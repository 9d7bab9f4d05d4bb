import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { securityEpoch } from '../../src/store/epoch.ts'
import type { Store } from '../../src/store/sqlite.ts'

/** A place where a backend keeps one store, empty and migrated. */
export interface Place {
  /** Opens the store once more, as another worker would. */
  open(): Store
  /** What another process needs to open it: a program that is given to `node --eval` after `openStore` is imported. */
  readonly address: string
  remove(): Promise<void>
}

const at = '2026-01-01T00:00:00.000Z'

const setting = (key: string, value = '1') => ({ key, value })

const insertUser = (store: Store, username: string) =>
  store.write
    .insertInto('users')
    .values({
      username,
      username_key: username,
      name: username,
      email: `${username}@x`,
      email_key: `${username}@x`,
      state: 'active',
      kind: 'human',
      is_admin: 0,
      is_external: 0,
      can_create_group: 1,
      projects_limit: 1,
      created_at: at,
      updated_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()

/** What every backend of the store must do, whatever it is made of. */
export const storeContract = (name: string, makePlace: () => Promise<Place>): void => {
  describe(name, () => {
    let place: Place
    let one: Store
    let other: Store

    beforeEach(async () => {
      place = await makePlace()
      one = place.open()
      other = place.open()
    })

    afterEach(async () => {
      await one.close()
      await other.close()
      await place.remove()
    })

    const epoch = () => securityEpoch(other.read)

    test('what one worker commits, the next read of any other sees', async () => {
      await one.write.insertInto('settings').values(setting('a')).execute()
      expect(await other.read.selectFrom('settings').selectAll().execute()).toEqual([setting('a')])
    })

    test('a transaction that fails leaves nothing', async () => {
      const failing = one.write.transaction().execute(async (writer) => {
        await writer.insertInto('settings').values(setting('a')).execute()
        throw new Error('changed its mind')
      })
      await expect(failing).rejects.toThrow('changed its mind')
      expect(await other.read.selectFrom('settings').selectAll().execute()).toEqual([])
    })

    test('a read transaction sees one moment, whatever is written meanwhile', async () => {
      const seen = await one.read.transaction().execute(async (reader) => {
        const before = await reader.selectFrom('settings').selectAll().execute()
        await other.write.insertInto('settings').values(setting('a')).execute()
        return [before, await reader.selectFrom('settings').selectAll().execute()]
      })
      expect(seen).toEqual([[], []])
      expect(await one.read.selectFrom('settings').selectAll().execute()).toHaveLength(1)
    })

    test('transactions of many writers queue, and no update is lost', async () => {
      await one.write.insertInto('settings').values(setting('count', '0')).execute()
      const raise = (store: Store) =>
        store.write.transaction().execute(async (writer) => {
          const { value } = await writer
            .selectFrom('settings')
            .where('key', '=', 'count')
            .select('value')
            .executeTakeFirstOrThrow()
          await writer
            .updateTable('settings')
            .set({ value: String(Number(value) + 1) })
            .where('key', '=', 'count')
            .execute()
        })
      await Promise.all(Array.from({ length: 50 }, (_, index) => raise(index % 2 === 0 ? one : other)))
      const row = await one.read.selectFrom('settings').where('key', '=', 'count').select('value').executeTakeFirstOrThrow()
      expect(row.value).toBe('50')
    })

    test('a writer that waits for another does not hold up its process', async () => {
      let ticks = 0
      const ticking = setInterval(() => {
        ticks += 1
      }, 5)
      const held = other.write.transaction().execute(async (writer) => {
        await writer.insertInto('settings').values(setting('a')).execute()
        await new Promise((resolve) => setTimeout(resolve, 200))
      })
      await one.write.insertInto('settings').values(setting('b')).execute()
      await held
      clearInterval(ticking)
      expect(ticks).toBeGreaterThan(10)
    })

    test('a digest, a user name and a path are taken once', async () => {
      const { id } = await insertUser(one, 'ada')
      await expect(insertUser(other, 'ada')).rejects.toThrow()
      const token = { user_id: id, name: 't', digest: 'd', scopes: '[]', impersonation: 0, revoked: 0, created_at: at } as const
      await one.write.insertInto('access_tokens').values(token).execute()
      await expect(other.write.insertInto('access_tokens').values(token).execute()).rejects.toThrow()
    })

    test('with a user go its credentials', async () => {
      const { id } = await insertUser(one, 'ada')
      await one.write
        .insertInto('access_tokens')
        .values({ user_id: id, name: 't', digest: 'd', scopes: '[]', impersonation: 0, revoked: 0, created_at: at })
        .execute()
      await one.write.deleteFrom('users').where('id', '=', id).execute()
      expect(await other.read.selectFrom('access_tokens').selectAll().execute()).toEqual([])
    })

    test('an id is never given twice, so that nothing is taken for what was deleted', async () => {
      const first = await insertUser(one, 'ada')
      await one.write.deleteFrom('users').where('id', '=', first.id).execute()
      expect((await insertUser(one, 'ben')).id).toBeGreaterThan(first.id)
    })

    test('each write that could change a decision raises the security epoch, and a read never does', async () => {
      const start = await epoch()
      const { id } = await insertUser(one, 'ada')
      const inserted = await epoch()
      await one.write.updateTable('users').set({ state: 'blocked' }).where('id', '=', id).execute()
      const updated = await epoch()
      await one.read.selectFrom('users').selectAll().execute()
      expect(await epoch()).toBe(updated)
      await one.write.deleteFrom('users').where('id', '=', id).execute()
      expect([start < inserted, inserted < updated, updated < (await epoch())]).toEqual([true, true, true])
    })

    test('the epoch is raised by the transaction itself: rolled back, nothing happened', async () => {
      const before = await epoch()
      await one.write
        .transaction()
        .execute(async (writer) => {
          await writer.insertInto('settings').values(setting('a')).execute()
          throw new Error('no')
        })
        .catch(() => {})
      expect(await epoch()).toBe(before)
    })

    test('what was acknowledged survives the process that wrote it, killed at once', async () => {
      const writer = spawn(process.execPath, [join(import.meta.dirname, 'write-and-wait.ts'), place.address], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(writer.stdout, 'data')
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      expect(await one.read.selectFrom('settings').selectAll().execute()).toEqual([setting('acknowledged')])
    })
  })
}

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, startApi } from './api-server.ts'

let server: ApiServer & { root: { token: string } }
let group = 0

beforeAll(async () => {
  server = await startApi()
  const { body } = await server.ask<{ id: number }>('POST', '/groups', {
    token: server.root.token,
    json: { name: 'castle', path: 'castle' },
  })
  group = body.id
})

afterAll(() => server.close())

/** As if somebody removed the row between the look at it and the write that speaks of it. */
const removedBeforeInsert = (into: string, removal: string) =>
  sql.raw(`create trigger goes before insert on ${into} begin ${removal}; end`).execute(server.store.write)

test('a user who is removed while being added: 404, nothing is kept, and no fault is logged', async () => {
  const user = await server.addUser('ghostly')
  await removedBeforeInsert('members', 'delete from users where id = new.user_id')
  const json = { user_id: user, access_level: 30 }
  const { status, body } = await server.ask('POST', `/groups/${group}/members`, { token: server.root.token, json })
  expect([status, body]).toEqual([404, { message: '404 Not Found' }])
  expect(server.lines.at(-1)).toMatchObject({ level: 40, status: 404, 'meta.refusal_reason': 'gone_meanwhile' })
  expect(await server.store.read.selectFrom('users').selectAll().where('id', '=', user).execute()).toHaveLength(1)
})

import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

interface Token {
  readonly token: string
}

const kinds = [
  ['feed', /^glft-[A-Za-z0-9_-]{20}$/],
  ['incoming_email', /^glimt-[A-Za-z0-9_-]{20}$/],
] as const

describe.each(kinds)('the %s token', (kind, form) => {
  const path = `/sallyport/user/${kind}_token`
  const read = async (token: string) => (await world.ask<Token>('GET', path, { token })).body.token

  test('is there when it is first asked for, the same each time, and not another user of the same', async () => {
    const [one, other] = [await world.person(`one-${kind}`), await world.person(`other-${kind}`)]
    const token = await read(one.token)
    expect(token).toMatch(form)
    expect(await read(one.token)).toBe(token)
    expect(await read(other.token)).not.toBe(token)
  })

  test('is one, also when it is asked for twice at once', async () => {
    const { token } = await world.person(`twice-${kind}`)
    const tokens = await Promise.all([1, 2, 3, 4].map(() => read(token)))
    expect(new Set(tokens).size).toBe(1)
  })

  test('is another once it was reset; the old one belongs to nobody', async () => {
    const { id, token } = await world.person(`reset-${kind}`)
    const before = await read(token)
    const reset = await world.ask<Token>('POST', `${path}/reset`, { token })
    expect(reset).toMatchObject({ status: 201, body: { token: expect.stringMatching(form) } })
    expect(await read(token)).toBe(reset.body.token)
    expect(reset.body.token).not.toBe(before)
    const known = (text: string) =>
      world.ask<{ id: number }>('POST', '/admin/token', { token: world.token('root'), json: { token: text } })
    expect(await known(before)).toMatchObject({ status: 404 })
    expect(await known(reset.body.token)).toMatchObject({ status: 200, body: { id } })
  })

  test('may be reset before it was ever read', async () => {
    const { token } = await world.person(`early-${kind}`)
    const reset = await world.ask<Token>('POST', `${path}/reset`, { token })
    expect(await read(token)).toBe(reset.body.token)
  })

  test('is not told by a token that may only read, and to nobody without one', async () => {
    const { id } = await world.person(`scopes-${kind}`)
    const status = async (method: string, at: string, scopes: readonly string[]) =>
      (await world.ask(method, at, { token: (await world.addToken(id, { scopes })).token })).status
    expect(await status('GET', path, ['read_api'])).toBe(403)
    expect(await status('GET', path, ['read_user'])).toBe(403)
    expect(await status('POST', `${path}/reset`, ['read_api'])).toBe(403)
    expect(await status('GET', path, ['api'])).toBe(200)
    expect((await world.ask('GET', path)).status).toBe(401)
  })

  test('is sealed in the database, and in no log', async () => {
    const { token } = await world.person(`sealed-${kind}`)
    const secret = await read(token)
    await sql`pragma wal_checkpoint(truncate)`.execute(world.store.write)
    const database = await readFile(`${world.home}/sallyport.db`, 'latin1')
    expect(database).toContain(`sealed-${kind}`)
    expect(database).not.toContain(secret)
    expect(JSON.stringify(world.lines)).not.toContain(secret)
  })

  test('a seal that was moved to another user opens nothing', async () => {
    const [one, other] = [await world.person(`mover-${kind}`), await world.person(`moved-${kind}`)]
    const secret = await read(one.token)
    await read(other.token)
    await sql`update user_tokens set sealed = (select sealed from user_tokens where user_id = ${one.id} and kind = ${kind})
      where user_id = ${other.id} and kind = ${kind}`.execute(world.store.write)
    const answer = await world.ask<object>('GET', path, { token: other.token })
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body)).not.toContain(secret)
    expect(JSON.stringify(world.lines)).not.toContain(secret)
  })

  test('goes with its user', async () => {
    const { id, token } = await world.person(`gone-${kind}`)
    const secret = await read(token)
    expect((await world.ask('DELETE', `/users/${id}`, { token: world.token('root') })).status).toBe(204)
    const asked = await world.ask('POST', '/admin/token', { token: world.token('root'), json: { token: secret } })
    expect(asked.status).toBe(404)
  })
})

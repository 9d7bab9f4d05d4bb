/**
 * The attack: members fetch again and again, so that the server has their pack at hand. Then somebody asks for the very
 * same bytes who has no right to them, or not any more, or has a right to another project that looks alike.
 * What was believed: what was answered once can be answered again.
 * What holds: each request is judged by its own credential before anything is looked up, and what is kept is kept for one
 * repository.
 */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { directoryOf, holdsPack, writeTip } from '../attacks/readers.ts'
import { KeptConnection, KeptLogin } from '../git/properties/kept-connection.ts'
import { writeObject, writeTree } from '../git/properties/object-pool.ts'
import { fetchCommand, flush } from '../git/properties/packets.ts'
import { Scene } from '../journeys/scene.ts'

let scene: Scene
let tip: string
let request: Buffer

const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)

const ask = async (project: string, token: string) => {
  const connection = new KeptConnection(scene.server.http)
  const heard = await connection.uploadPack(`castle/${project}`, request, 'version=2', token)
  connection.close()
  return heard
}

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  await scene.project('twin', { visibility: 'private' })
  const directory = directoryOf(scene, 'private')
  const blob = writeObject(directory, 'blob', Buffer.from('what only members may read\n'))
  tip = writeTip(directory, writeTree(directory, { secret: blob }), 'secret')
  request = fetchCommand(['no-progress\n', `want ${tip}\n`, 'done\n'])
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const readable = async (token: string): Promise<void> => {
  // Often enough for both workers to have it.
  for (let turn = 0; turn < 4; turn += 1) expect(holdsPack((await ask('private', token)).body)).toBe(true)
}

test('members have it, again and again', () => readable(scene.who('developer').token))

test.each<[string, number, () => Promise<string>]>([
  ['nobody', 401, async () => ''],
  ['a wrong token', 401, async () => 'glpat-wrongwrongwrongwrong'],
  ['a stranger', 404, async () => scene.who('stranger').token],
  ['a guest, who may see and not fetch', 403, async () => scene.who('guest').token],
  [
    'a member whose token is for other things',
    403,
    async () => (await scene.token(scene.who('developer').id, ['read_user'])).token,
  ],
  [
    'a token of another project',
    401,
    async () => {
      const fields = { name: 'bot', scopes: ['read_repository'], access_level: 40, expires_at: nextMonth }
      return (await scene.api.make('POST', `/projects/${scene.id('twin')}/access_tokens`, fields)).token
    },
  ],
])('%s gets %i and not a byte of it', async (_who, status, make) => {
  const heard = await ask('private', await make())
  expect(heard.status).toBe(status)
  expect(heard.body.includes('PACK') || heard.body.includes(tip)).toBe(false)
})

test('a token that had it a moment ago and was revoked since gets nothing', async () => {
  const { token, id } = await scene.token(scene.who('developer').id, ['read_repository'])
  await readable(token)
  await scene.api.make('DELETE', `/personal_access_tokens/${id}`)
  const after = await Promise.all([1, 2, 3, 4].map(() => ask('private', token)))
  expect(after.map(({ status, body }) => [status, body.includes('PACK')])).toEqual(after.map(() => [401, false]))
})

test('over SSH neither', async () => {
  const told = async (name: string) => {
    const login = await KeptLogin.open(scene.server, readFileSync(scene.who(name).key, 'utf8'))
    const { output } = await login.uploadPack('castle/private', Buffer.concat([request, flush]), 'version=2')
    login.close()
    return output.includes('PACK')
  }
  expect([await told('developer'), await told('stranger'), await told('guest'), await told('developer')]).toEqual([
    true,
    false,
    false,
    true,
  ])
})

test('the same bytes to another project are about that one', async () => {
  const { token } = scene.who('developer')
  await readable(token)
  const absent = await ask('twin', token)
  expect(absent.body.toString()).toContain(`not our ref ${tip}`)
  cpSync(join(directoryOf(scene, 'private'), 'objects'), join(directoryOf(scene, 'twin'), 'objects'), { recursive: true })
  expect(holdsPack((await ask('twin', token)).body)).toBe(true)
  rmSync(directoryOf(scene, 'private'), { recursive: true })
  expect((await ask('private', token)).body.includes('PACK')).toBe(false)
})

/**
 * The attack: somebody is invited into a private group by e-mail, and has no account yet. Anyone who may make a group may
 * make service accounts in it, and choose their addresses. So a stranger gives one the invited address.
 * What was believed: whoever has the address of an invitation is whom it was meant for.
 * What holds: only people take invitations up. An account for a machine never does, whatever address it is given, and is
 * not found by its address by those who invite.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ApiServer, startApi } from '../http/api/api-server.ts'

let server: ApiServer & { root: { token: string } }
let [owner, stranger]: [string, string] = ['', '']
let [castle, shed]: [number, number] = [0, 0]
let turn = 0
let address = ''

const make = async (token: string, path: string, json: unknown): Promise<{ id: number; token: string }> => {
  const { status, body } = await server.ask<{ id: number; token: string }>('POST', path, { token, json })
  if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body
}

const castleMembers = async (): Promise<string[]> => {
  const { body } = await server.ask<{ username: string }[]>('GET', `/groups/${castle}/members`, { token: owner })
  return body.map(({ username }) => username)
}

const robot = (json: object): Promise<{ id: number }> => make(stranger, `/groups/${shed}/service_accounts`, json)

beforeAll(async () => {
  server = await startApi()
  owner = (await server.addToken(await server.addUser('owner'))).token
  stranger = (await server.addToken(await server.addUser('stranger'))).token
  castle = (await make(owner, '/groups', { name: 'castle', path: 'castle' })).id
  shed = (await make(stranger, '/groups', { name: 'shed', path: 'shed' })).id
})

afterAll(() => server.close())

beforeEach(() => {
  turn += 1
  address = `newcomer${turn}@example.org`
})

const invite = () => make(owner, `/groups/${castle}/invitations`, { email: address, access_level: 40 })

const robots = async (): Promise<string[]> => (await castleMembers()).filter((name) => name.startsWith('service_account'))

test('an address that is given later opens nothing, and the invited person still comes in', async () => {
  await invite()
  const { id } = await robot({})
  const path = `/groups/${shed}/service_accounts/${id}`
  const renamed = await server.ask('PATCH', path, { token: stranger, json: { email: address.toUpperCase() } })
  expect(renamed.status).toBe(200)
  expect(await robots()).toEqual([])
  await server.ask('DELETE', path, { token: stranger })
  const person = { username: `newcomer${turn}`, name: 'New', email: address, force_random_password: true }
  await make(server.root.token, '/users', person)
  expect(await castleMembers()).toContain(`newcomer${turn}`)
})

test('an address with which the account is made opens nothing either', async () => {
  await invite()
  await robot({ email: address })
  expect(await robots()).toEqual([])
})

test('nor does it draw an invitation to itself that is written later', async () => {
  await robot({ email: address })
  await invite()
  expect(await robots()).toEqual([])
})

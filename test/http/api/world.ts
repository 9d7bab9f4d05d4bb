import type { UserId } from '../../../src/core/ids.ts'
import { type ApiServer, startApi, type UserFields } from './api-server.ts'

export type Who = 'anonymous' | 'stranger' | 'guest' | 'reporter' | 'developer' | 'maintainer' | 'owner' | 'root'

export interface Person {
  readonly id: UserId
  readonly token: string
}

export type People = Readonly<Record<Exclude<Who, 'anonymous'>, Person>>

const levels = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const

/** An API with one user of each role in a private group `team`, a stranger, and the administrator. */
export interface World extends ApiServer {
  readonly people: People
  readonly group: number
  token(who: Who): string | undefined
  person(username: string, fields?: UserFields): Promise<Person>
  /** Makes a project and answers with its number. */
  project(path: string, fields?: Record<string, unknown>, by?: Who): Promise<number>
  member(place: string, user: UserId, level: number): Promise<void>
}

export const startWorld = async (...how: Parameters<typeof startApi>): Promise<World> => {
  const api = await startApi(...how)
  const person = async (username: string, fields: UserFields = {}): Promise<Person> => {
    const id = await api.addUser(username, fields)
    return { id, token: (await api.addToken(id)).token }
  }
  const people: Record<string, Person> = { root: api.root, stranger: await person('stranger') }
  const made = await api.ask<{ id: number }>('POST', '/groups', {
    token: api.root.token,
    json: { name: 'Team', path: 'team', visibility: 'private' },
  })
  const member = async (place: string, user: UserId, level: number): Promise<void> => {
    const json = { user_id: user, access_level: level }
    const reply = await api.ask('POST', `${place}/members`, { token: api.root.token, json })
    if (reply.status !== 201) throw new Error(`no member: ${JSON.stringify(reply.body)}`)
  }
  for (const [name, level] of Object.entries(levels)) {
    const one = await person(name)
    people[name] = one
    await member('/groups/team', one.id, level)
  }
  const token = (who: Who): string | undefined => people[who]?.token
  return {
    ...api,
    people: people as unknown as People,
    group: made.body.id,
    token,
    person,
    member,
    async project(path, fields = {}, by = 'root') {
      const json = { path, namespace_id: made.body.id, ...fields }
      const reply = await api.ask<{ id: number }>('POST', '/projects', { token: token(by), json })
      if (reply.status !== 201) throw new Error(`no project: ${JSON.stringify(reply.body)}`)
      return reply.body.id
    },
  }
}

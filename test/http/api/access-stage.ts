import { CompiledQuery, type Kysely, sql } from 'kysely'
import type { JobId, ProjectId, UserId } from '../../../src/core/ids.ts'
import { jobsOf } from '../../../src/store/ci/jobs.ts'
import { createKey } from '../../../src/store/keys.ts'
import { createApplication } from '../../../src/store/oauth/applications.ts'
import { createTrigger } from '../../../src/store/triggers.ts'
import { makeToken } from '../../../src/tokens/make.ts'
import { parsePublicKey } from '../../../src/tokens/ssh-key.ts'
import { makePipeline, planned } from '../../store/ci/planned.ts'
import { lasting, makers, next, ownWord, publicKey, token } from './access-words.ts'
import { leaseIn } from './ci/lease-stage.ts'
import { startWorld, type World } from './world.ts'

/** Who asks, in the order of the table's columns. */
export const callers = [
  'nobody',
  'stranger',
  'otherBot',
  'guest',
  'planner',
  'reporter',
  'developer',
  'maintainer',
  'owner',
  'admin',
  'bot',
  'groupBot',
  'service',
  'reads',
  'scope',
  'blocked',
] as const

export type CallerName = (typeof callers)[number]

export interface Person {
  readonly id: UserId
  readonly token: string
}

/** A group and a project in it, of one visibility, and the bots of both. */
export interface Place {
  readonly group: number
  readonly project: number
  readonly cast: ReadonlyMap<CallerName, Person>
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly json?: Readonly<Record<string, unknown>> | undefined
  /** Asked with a token of its own, since that is what it is about. */
  readonly spends?: boolean | undefined
}

const levels = { guest: 10, planner: 15, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const

interface Made {
  readonly id: number
  readonly user_id: number
  readonly token: string
  readonly name: string
}

const epochQuery = CompiledQuery.raw('select value from security_epoch')

/** Where words are looked up; `named` fills with the keys of those that were. */
interface Scene {
  readonly place: Place
  readonly caller: Person
  readonly named: Set<string>
}

/** One world for the whole table: a private and a public place, and everyone who asks. */
export class Stage {
  readonly world: World
  readonly other: number
  readonly places: Readonly<Record<'private' | 'public', Place>>
  readonly #words = new Map<string, string | number>()

  private constructor(world: World, other: number, places: Readonly<Record<'private' | 'public', Place>>) {
    this.world = world
    this.other = other
    this.places = places
  }

  static async open(): Promise<Stage> {
    const world = await startWorld()
    // Thousands of small writes, and nothing that a power cut could take from anyone.
    for (const database of [world.store.write, world.store.activity]) {
      await sql`pragma synchronous = off`.execute(database as Kysely<unknown>)
    }
    const planner = await world.person('planner')
    const other = await asRoot(world, 'POST', '/projects', { path: 'elsewhere' })
    const people = await outsiders(world, other.id)
    const places = {
      private: await furnish(world, 'private', new Map([...people, ['planner', planner]])),
      public: await furnish(world, 'public', new Map([...people, ['planner', planner]])),
    }
    return new Stage(world, other.id, places)
  }

  /** Asks as one of the callers; answers with the status, and whether a row was written that decides access. */
  async ask(place: Place, name: CallerName, request: Request): Promise<{ status: number; wrote: boolean }> {
    const caller = name === 'nobody' ? { id: this.world.people.stranger.id, token: undefined } : person(place, name)
    const named = new Set<string>()
    const resolve = (text: string) => this.#resolve({ place, caller: { id: caller.id, token: caller.token ?? '' }, named }, text)
    const path = await resolve(request.path)
    const json = request.json && (await this.#body(request.json, resolve))
    const spent =
      request.spends && caller.token !== undefined ? await this.world.addToken(caller.id, { scopes: scopesOf(name) }) : caller
    const before = await this.#epoch()
    const reply = await this.world.ask<unknown>(request.method, path, {
      token: spent.token,
      ...(json !== undefined && { json }),
    })
    const wrote = (await this.#epoch()) !== before
    if (wrote || (request.method !== 'GET' && reply.status < 400)) for (const key of named) this.#words.delete(key)
    return { status: reply.status, wrote }
  }

  async #body(json: Readonly<Record<string, unknown>>, resolve: (text: string) => Promise<string>) {
    const entries = Object.entries(json).map(async ([name, value]) => {
      if (typeof value !== 'string' || !value.startsWith(':')) return [name, value]
      const word = await resolve(value)
      return [name, /^\d+$/.test(word) ? Number(word) : word]
    })
    return Object.fromEntries(await Promise.all(entries))
  }

  async #resolve(scene: Scene, text: string): Promise<string> {
    let built = text
    for (const [word = '', name = ''] of text.matchAll(/:([a-zA-Z]+)/g)) {
      built = built.replace(word, String(await this.#word(scene, name)))
    }
    return built
  }

  async #word({ place, caller, named }: Scene, name: string): Promise<string | number> {
    const maker = makers[name]
    if (maker === undefined) throw new Error(`no maker for :${name}`)
    if (lasting.has(name)) return maker(this, place, caller)
    const key = `${name} of ${place.project}${ownWord.test(name) ? ` for ${caller.id}` : ''}`
    named.add(key)
    const known = this.#words.get(key)
    if (known !== undefined) return known
    const made = await maker(this, place, caller)
    this.#words.set(key, made)
    return made
  }

  async #epoch(): Promise<number> {
    const { rows } = await this.world.store.read.executeQuery<{ value: number }>(epochQuery)
    return rows[0]?.value ?? 0
  }

  make(path: string, json: unknown): Promise<Made> {
    return asRoot(this.world, 'POST', path, json)
  }

  /** Something that stands on the job token allowlist of the place. */
  async newListed(place: Place, kind: 'victim' | 'victimGroup'): Promise<number> {
    const root = this.world.people.root
    const id = Number(await makers[kind]?.(this, place, root))
    const [list, key] = kind === 'victim' ? ['allowlist', 'target_project_id'] : ['groups_allowlist', 'target_group_id']
    await this.make(`/projects/${place.project}/job_token_scope/${list}`, { [key]: id })
    return id
  }

  async newLease({ project }: Place): Promise<number> {
    const user = this.world.people.root.id
    return (await leaseIn(this.world.store, { project: project as ProjectId, user })).id
  }

  /** One that waits for a runner, but for its job where that is said. */
  async newPipeline({ project }: Place, status?: 'failed' | 'manual'): Promise<{ pipeline: number; job: number }> {
    const { store } = this.world
    const user = this.world.people.root.id
    const { id: pipeline } = await makePipeline(store, { project: project as ProjectId, user }, [planned('build')])
    const { id: job } = await jobsOf(store.read, pipeline).executeTakeFirstOrThrow()
    if (status !== undefined) await store.write.updateTable('jobs').set({ status }).where('id', '=', job).execute()
    return { pipeline, job }
  }

  /** Its log is a word in JSON too, since all answers are read as such here. */
  async newTrace(job: number): Promise<number> {
    const file = await this.world.parts.jobs.files.openTrace(job as JobId)
    await file.writeFile('"log"')
    await file.close()
    return job
  }

  newUser(): Promise<UserId> {
    return this.world.addUser(`u${next()}`)
  }

  async newMember(home: string, level: number): Promise<number> {
    const user = await this.newUser()
    await this.world.member(home, user, level)
    return user
  }

  async newDeployToken(home: string): Promise<number> {
    return (await this.make(`${home}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] })).id
  }

  async newDeployKey(home: string): Promise<number> {
    return (await this.make(`${home}/deploy_keys`, { title: 'k', key: publicKey() })).id
  }

  async newVariable(home: string): Promise<string> {
    const key = `KEY_${next()}`
    await this.make(`${home}/variables`, { key, value: 'v' })
    return key
  }

  async newTrigger({ project }: Place, owner: UserId): Promise<number> {
    const { store, sealer, clock } = this.world.parts
    const fields = { project: project as ProjectId, owner, description: 'd', expiresAt: null }
    const made = await createTrigger(store, fields, makeToken('glptt-'), sealer, clock())
    if (made === undefined) throw new Error('no trigger')
    return made.id
  }

  async newApplication(owner: UserId): Promise<number> {
    const { store, clock } = this.world.parts
    const asked = { name: 'a', redirectUris: ['urn:x'], scopes: ['api'], confidential: true, trusted: false, owner }
    const { digest: secretDigest } = makeToken('gloas-')
    return (await createApplication(store, { ...asked, uid: `uid-${next()}`, secretDigest }, clock())).id
  }

  /** Past the API, which refuses keys for bots. */
  async newKey(user: UserId): Promise<number> {
    const { store, clock } = this.world.parts
    const key = parsePublicKey(publicKey())
    if (key === undefined) throw new Error('no key')
    const fields = { kind: 'user', user, title: 'k', key, usage: 'auth', isPublic: false, expiresAt: null } as const
    const made = await createKey(store, fields, clock())
    if (made === 'taken') throw new Error('the key is taken')
    return made.id
  }

  close(): Promise<void> {
    return this.world.close()
  }
}

const scopesOf = (name: CallerName): string[] => {
  if (name === 'reads') return ['read_api']
  return name === 'scope' ? ['read_user'] : ['api']
}

const person = (place: Place, name: CallerName): Person => {
  const found = place.cast.get(name)
  if (found === undefined) throw new Error(`${name} is not in the cast`)
  return found
}

const asRoot = async (world: World, method: string, path: string, json: unknown): Promise<Made> => {
  const reply = await world.ask<Made>(method, path, { token: world.people.root.token, json })
  if (reply.status !== 201) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}

type Cast = Map<CallerName, Person>

/** Those who are the same in both places. */
const outsiders = async (world: World, other: number): Promise<Cast> => {
  const { guest, reporter, developer, maintainer, owner, stranger, root } = world.people
  const otherBot = await asRoot(world, 'POST', `/projects/${other}/access_tokens`, { ...token, access_level: 50 })
  const serviceId = await world.addUser('service', { kind: 'service_account' })
  const blocked = await world.person('blocked', { state: 'blocked' })
  const [reads, scope] = [
    await world.addToken(owner.id, { scopes: ['read_api'] }),
    await world.addToken(owner.id, { scopes: ['read_user'] }),
  ]
  return new Map<CallerName, Person>([
    ['stranger', stranger],
    ['otherBot', { id: otherBot.user_id as UserId, token: otherBot.token }],
    ['guest', guest],
    ['reporter', reporter],
    ['developer', developer],
    ['maintainer', maintainer],
    ['owner', owner],
    ['admin', root],
    ['service', { id: serviceId, token: (await world.addToken(serviceId)).token }],
    ['reads', { id: owner.id, token: reads.token }],
    ['scope', { id: owner.id, token: scope.token }],
    ['blocked', blocked],
  ])
}

/** A group with everyone in their role, a project in it, and a bot of each. */
const furnish = async (world: World, visibility: 'private' | 'public', cast: Cast): Promise<Place> => {
  const group = await asRoot(world, 'POST', '/groups', { name: visibility, path: `place-${visibility}`, visibility })
  const project = await asRoot(world, 'POST', '/projects', { path: 'project', namespace_id: group.id, visibility })
  const roles = { ...levels, service: 30, blocked: 50 } as const
  for (const [name, level] of Object.entries(roles)) {
    const member = cast.get(name as CallerName)
    if (member === undefined) throw new Error(`${name} is missing`)
    await world.member(`/groups/${group.id}`, member.id, level)
  }
  const bot = await asRoot(world, 'POST', `/projects/${project.id}/access_tokens`, { ...token, access_level: 40 })
  const groupBot = await asRoot(world, 'POST', `/groups/${group.id}/access_tokens`, { ...token, access_level: 50 })
  cast.set('bot', { id: bot.user_id as UserId, token: bot.token })
  cast.set('groupBot', { id: groupBot.user_id as UserId, token: groupBot.token })
  return { group: group.id, project: project.id, cast }
}

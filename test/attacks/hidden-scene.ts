import { generateKeyPairSync } from 'node:crypto'
import { routes } from '../../src/http/api/app.ts'
import { registryKeyFrom } from '../../src/registry/keys.ts'
import { publicKey } from '../http/api/access-words.ts'
import { startWorld, type World } from '../http/api/world.ts'
import { Statements } from '../support/statements.ts'
import { Wire } from '../support/wire.ts'

/** What is hidden, and a name as long for what is not there. */
export type Pair = readonly [hidden: string, absent: string]

type Kind = 'projects' | 'groups' | 'namespaces'

/** Fits most of what routes read, so that they come as far as to look for what is named. */
const anything = {
  name: 'x',
  title: 'x',
  path: 'x',
  key: 'X',
  value: 'v',
  scopes: ['api'],
  access_level: 30,
  user_id: 1,
  description: 'x',
  branch: 'b',
  ref: 'main',
  tag_name: 'v1',
  email: 'n@example.org',
  enabled: true,
  content: 'a: 1',
  job: 'x',
  issuer: 'https://ci.example.com',
  audience: 'a',
  claims: { sub: 'x' },
  target_project_id: 1,
  target_group_id: 1,
  namespace: 'root',
  runner_id: 1,
  token: 'glptt-0123456789abcdefghij',
}

const words: Readonly<Record<string, string>> = {
  name: 'main',
  branch: 'main',
  tag_name: 'v1',
  sha: 'main',
  file_path: 'a',
  ref: 'main',
  email: 'a@example.org',
}

/** The address of a route, with this in place of `:id` and something for each other word. */
const addressOf = (path: string, id: string): string =>
  `/api/v4${path.replace(':id', id).replace(/:(\w+)/g, (_, word: string) => words[word] ?? '1')}`

export interface Question {
  readonly method: string
  readonly path: string
  readonly token?: string | undefined
  readonly json?: unknown
}

/** The one address that tells what is there on purpose. */
const tellsOnPurpose = '/namespaces/:id/exists'

/** Every route below a project, a group or a namespace. */
export const places = routes.flatMap(({ method, path }) => {
  const place = /^\/(projects|groups|namespaces)\/:id(?:\/|$)/.exec(path)?.[1]
  return place === undefined || path === tellsOnPurpose ? [] : [{ method, path, place: place as Kind }]
})

export type Place = (typeof places)[number]

/** A question about a place, with this in place of its `:id`. */
export const questionAbout = ({ method, path }: Place, token: string | undefined, id: string): Question => ({
  method,
  path: addressOf(path, id),
  token,
  json: method === 'GET' || method === 'DELETE' ? undefined : anything,
})

/** An API with a project and a group that are hidden, and a stranger who has a project and a group of his own. */
export class HiddenScene {
  readonly world: World
  readonly wire: Wire
  readonly names: Readonly<Record<Kind, readonly Pair[]>>
  readonly mine: { readonly group: number; readonly project: number }
  readonly #statements = new Statements()

  private constructor(world: World, made: Pick<HiddenScene, 'names' | 'mine'>) {
    this.world = world
    this.wire = new Wire(world.url)
    this.names = made.names
    this.mine = made.mine
  }

  static async open(env: Readonly<Record<string, string>> = {}): Promise<HiddenScene> {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = registryKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    const current = async () => key
    const world = await startWorld({ SALLYPORT_REGISTRY: 'registry.example.org:443', ...env }, { registryKeys: { current } })
    const mine = await strangersOwn(world)
    const scene = new HiddenScene(world, { names: await hide(world), mine })
    // What is read once and remembered is read now.
    await scene.wire.ask('GET', '/api/v4/projects')
    return scene
  }

  /** The answer as it came, and what the database was asked for it. */
  async asked({ method, path, token, json }: Question): Promise<{ answer: string; work: readonly string[] }> {
    this.#statements.take()
    const headers = {
      ...(token !== undefined && { 'PRIVATE-TOKEN': token }),
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
    }
    const answer = await this.wire.ask(method, path, { headers, body: json === undefined ? undefined : JSON.stringify(json) })
    return { answer, work: this.#statements.take() }
  }

  /** How the answers to two questions differ; nothing where they are the same, byte by byte, and were as much work. */
  async difference(hidden: Question, absent: Question): Promise<readonly string[]> {
    const [one, other] = [await this.asked(hidden), await this.asked(absent)]
    const told = `${hidden.method} ${hidden.path}`
    if (one.answer !== other.answer) return [`${told}\n${one.answer}\n--\n${other.answer}`]
    const [work, otherWork] = [one.work.join('\n'), other.work.join('\n')]
    return work === otherWork ? [] : [`${told}\n${work}\n--\n${otherWork}`]
  }

  /** `asked`, for what is sent otherwise. */
  async workOf<Value>(ask: () => Promise<Value>): Promise<{ told: Value; work: readonly string[] }> {
    this.#statements.take()
    const told = await ask()
    return { told, work: this.#statements.take() }
  }

  async close(): Promise<void> {
    this.#statements.close()
    this.wire.close()
    await this.world.close()
  }
}

const must = async (world: World, who: 'root' | 'stranger', [method, path, json]: readonly [string, string, unknown]) => {
  const { status, body } = await world.ask<{ id: number }>(method, path, { token: world.token(who), json })
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
  return body.id
}

/** A number with as many digits, that nothing has. */
const absentNumber = (number: number): string => '9'.repeat(String(number).length)

const hide = async (world: World): Promise<HiddenScene['names']> => {
  const group = await must(world, 'root', ['POST', '/groups', { name: 'vault', path: 'vault', visibility: 'private' }])
  const project = await world.project('once', { namespace_id: group })
  await must(world, 'root', ['PUT', `/projects/${project}`, { path: 'gate' }])
  await must(world, 'root', ['POST', `/projects/${project}/triggers`, { description: 'x' }])
  await must(world, 'root', ['POST', `/projects/${project}/deploy_keys`, { title: 'k', key: publicKey() }])
  const groups: Pair[] = [
    [String(group), absentNumber(group)],
    ['vault', 'vaulk'],
  ]
  const projects: Pair[] = [
    [String(project), absentNumber(project)],
    ['vault%2Fgate', 'vault%2Fgata'],
    ['vault%2Fgate', 'vaulk%2Fgate'],
    ['vault%2Fonce', 'vault%2Fonca'],
  ]
  return { projects, groups, namespaces: groups }
}

const strangersOwn = async (world: World): Promise<HiddenScene['mine']> => {
  const group = await must(world, 'stranger', ['POST', '/groups', { name: 'mine', path: 'mine' }])
  return { group, project: await must(world, 'stranger', ['POST', '/projects', { path: 'own', namespace_id: group }]) }
}

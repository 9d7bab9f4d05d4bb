import { mkdir, writeFile } from 'node:fs/promises'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { rootToken, type Sallyport, type Start, startSallyport } from '../support/sallyport.ts'

/** A server for a client library: a user `ada`, a group `castle`, a project `castle/gate` with a few commits on `main`. */
export interface ClientScene {
  readonly server: Sallyport
  readonly api: Api
  readonly machine: Client
  readonly ada: { readonly id: number; readonly token: string }
  readonly group: number
  readonly project: number
  /** The commits of `main`, the oldest first. */
  readonly commits: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

const pushCommits = async (machine: Client): Promise<string[]> => {
  const directory = await machine.repository('seed')
  const first = (await machine.git(['rev-parse', 'HEAD'], { cwd: directory })).stdout.trim()
  await machine.git(['checkout', '-q', '-b', 'side'], { cwd: directory })
  await machine.commit(directory, 'beside')
  await machine.git(['checkout', '-q', 'main'], { cwd: directory })
  await mkdir(`${directory}/docs`)
  await writeFile(`${directory}/docs/read me.md`, '# Hello\n')
  await machine.git(['add', '.'], { cwd: directory })
  const second = await machine.commit(directory, 'words')
  const url = machine.url('castle/gate', 'root', rootToken)
  const pushed = await machine.git(['push', '-q', url, 'main', 'side'], { cwd: directory })
  if (pushed.code !== 0) throw new Error(pushed.stderr)
  return [first, second]
}

const furnish = async (api: Api) => {
  const group = await api.make('POST', '/groups', { name: 'Castle', path: 'castle' })
  const project = await api.make('POST', '/projects', { name: 'Gate', path: 'gate', namespace_id: group.id })
  const user = { username: 'ada', name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
  const { id } = await api.make('POST', '/users', { ...user, skip_confirmation: true })
  const scopes = ['api', 'read_repository', 'write_repository']
  const { token } = await api.make('POST', `/users/${id}/personal_access_tokens`, { name: 'first', scopes })
  return { group: group.id, project: project.id, ada: { id, token } }
}

export const openClientScene = async (start: Start = {}): Promise<ClientScene> => {
  const server = await startSallyport(start)
  try {
    const [api, machine] = [new Api(server.http), await Client.make(server)]
    const made = await furnish(api)
    const commits = await pushCommits(machine)
    return {
      server,
      api,
      machine,
      ...made,
      commits,
      async [Symbol.asyncDispose]() {
        await machine[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  } catch (fault) {
    await server[Symbol.asyncDispose]()
    throw fault
  }
}

/** A day so many days from now, as the system's clock has it. */
export const dayIn = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

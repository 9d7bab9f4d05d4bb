import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'
import { writtenSamples } from './api-samples.ts'
import { type GitSamples, recordGit } from './git-samples.ts'
import type { Sample } from './requests.ts'
import { lookIn, publicAddress, signIn } from './visitor.ts'

const password = 'correct horse battery'

/** The program as it is shipped, with what is said to it, and repositories that are looked at afterwards. */
export interface Ground {
  readonly server: Sallyport
  /** For temporary files of the server, and for nothing else. */
  readonly scratch: string
  readonly git: GitSamples
  readonly written: readonly Sample[]
  /** Private key file of `mallory`, a Maintainer of all projects here. */
  readonly key: string
  /** Folders of repositories: what the samples speak to, and one that they never name. */
  readonly target: string
  readonly bystander: string
  [Symbol.asyncDispose](): Promise<void>
}

interface People {
  readonly user: number
  readonly token: string
  readonly spare: string
  readonly group: number
}

const invite = async (api: Api, keyLine: string): Promise<People> => {
  const fields = { username: 'mallory', name: 'Mallory', email: 'mallory@example.com', password, skip_confirmation: true }
  const { id } = await api.make('POST', '/users', fields)
  const fresh = () => api.make('POST', `/users/${id}/personal_access_tokens`, { name: 'fuzz', scopes: ['api'] })
  const [{ token }, { token: spare }] = [await fresh(), await fresh()]
  await api.make('POST', `/users/${id}/keys`, { title: 'fuzz', key: keyLine })
  const group = await api.make('POST', '/groups', { name: 'fuzz', path: 'fuzz', visibility: 'private' })
  await api.make('POST', `/groups/${group.id}/members`, { user_id: id, access_level: 40 })
  return { user: id, token, spare, group: group.id }
}

const seed = async (client: Client): Promise<string> => {
  const clone = await client.repository('seed')
  await writeFile(join(clone, 'README.md'), 'Hello.\n'.repeat(20))
  await writeFile(join(clone, '.gitlab-ci.yml'), 'build:\n  script: [make]\n')
  await client.git(['add', '.'], { cwd: clone })
  await client.commit(clone, 'second')
  await client.git(['branch', 'old'], { cwd: clone })
  await client.commit(clone, 'third')
  return clone
}

const makeProject = async (api: Api, client: Client, clone: string, group: number, name: string): Promise<number> => {
  const { id } = await api.make('POST', '/projects', { name, path: name, namespace_id: group })
  const { code, stderr } = await client.git(['push', '-q', client.url(`fuzz/${name}`, 'git', rootToken), 'main'], { cwd: clone })
  if (code !== 0) throw new Error(stderr)
  return id
}

const application = async (api: Api): Promise<{ id: string; secret: string }> => {
  const fields = { name: 'app', redirect_uri: 'https://app.example/back', scopes: 'read_user api openid' }
  const { application_id: id, secret } = await api.make('POST', '/applications', fields)
  return { id, secret }
}

const furnish = async (server: Sallyport, client: Client) => {
  const api = new Api(server.http)
  const key = await client.key('mallory')
  const people = await invite(api, key.line)
  const clone = await seed(client)
  const make = (name: string): Promise<number> => makeProject(api, client, clone, people.group, name)
  const [target, project, bystander] = [await make('git'), await make('api'), await make('bystander')]
  const runner = await api.make('POST', '/user/runners', { runner_type: 'project_type', project_id: project })
  await api.make('POST', `/projects/${project}/pipeline`, { ref: 'main' })
  const job = await api.make('POST', '/jobs/request', { token: runner.token, info: { features: {} } })
  const written = writtenSamples({
    ...people,
    project,
    admin: rootToken,
    runner: runner.token,
    job: { id: job.id, token: job.token },
    client: await application(api),
    form: await lookIn(server.http),
    session: await signIn(server.http, 'mallory', password),
  })
  const git = await recordGit({ server, client, path: 'fuzz/git', clone, key: key.file })
  const repositories = new Repositories(join(server.home, 'repos'))
  const folder = (id: number): string => repositories.directoryOf(id as ProjectId)
  return { git, written, key: key.file, target: folder(target), bystander: folder(bystander) }
}

const settings = { SALLYPORT_BAN: 'off', SALLYPORT_URL: publicAddress, SALLYPORT_REGISTRY: 'registry.example.com:443' }

/** One process; bans are off, for all cases come from one address. */
export const openGround = async (): Promise<Ground> => {
  const scratch = await mkdtemp(join(tmpdir(), 'sallyport-fuzz-'))
  const server = await startSallyport({ env: { ...settings, TMPDIR: scratch } })
  const client = await Client.make(server)
  const close = async (): Promise<void> => {
    await client[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await rm(scratch, { recursive: true, force: true })
  }
  try {
    return { server, scratch, ...(await furnish(server, client)), [Symbol.asyncDispose]: close }
  } catch (fault) {
    await close()
    throw fault
  }
}

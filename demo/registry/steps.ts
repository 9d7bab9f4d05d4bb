import { password, type RegistryStage } from '../../test/registry/stage.ts'
import type { Login } from '../../test/support/registry.ts'

/** Somebody tries something with an image. */
export interface Step {
  readonly who: string
  readonly shows: (stage: RegistryStage) => Promise<Login>
  readonly does: 'pull' | 'push' | 'delete'
  /** Within group `castle`. */
  readonly image: 'private' | 'internal' | 'public'
  readonly allowed: boolean
}

type Shows = Step['shows']

const nobody: Shows = async () => undefined
const passwordOf =
  (username: string): Shows =>
  async () => [username, password]

const tokenOf =
  (username: string, ...scopes: readonly string[]): Shows =>
  async (stage) => ['any', await stage.tokenOf(username, scopes)]

const deployToken =
  (...scopes: readonly string[]): Shows =>
  (stage) =>
    stage.deployToken(`projects/${stage.projects.get('private')}`, scopes)

const projectToken: Shows = async ({ api, projects }) => {
  const fields = { name: 'bot', scopes: ['read_registry', 'write_registry'], access_level: 30 }
  return ['bot', (await api.make('POST', `/projects/${projects.get('private')}/access_tokens`, fields)).token]
}

const job: Shows = (stage) => stage.job('private')

const step = (who: string, shows: Shows, does: Step['does'], image: Step['image'], allowed: boolean): Step => ({
  who,
  shows,
  does,
  image,
  allowed,
})

export const steps: readonly Step[] = [
  step('nobody', nobody, 'pull', 'public', true),
  step('nobody', nobody, 'pull', 'private', false),
  step('nobody', nobody, 'push', 'public', false),
  step('Developer, password', passwordOf('developer'), 'push', 'private', true),
  step('Developer, token api', tokenOf('developer', 'api'), 'push', 'private', true),
  step('Developer, token api', tokenOf('developer', 'api'), 'delete', 'private', false),
  step('Reporter, token api', tokenOf('reporter', 'api'), 'pull', 'private', true),
  step('Reporter, token api', tokenOf('reporter', 'api'), 'push', 'private', false),
  step('Guest, token api', tokenOf('guest', 'api'), 'pull', 'private', false),
  step('stranger, token api', tokenOf('stranger', 'api'), 'pull', 'internal', true),
  step('Maintainer, token read_registry', tokenOf('maintainer', 'read_registry'), 'pull', 'private', true),
  step('Maintainer, token read_registry', tokenOf('maintainer', 'read_registry'), 'push', 'private', false),
  step('Maintainer, token write_repository', tokenOf('maintainer', 'write_repository'), 'pull', 'private', false),
  step('project token', projectToken, 'push', 'private', true),
  step('project token', projectToken, 'push', 'internal', false),
  step('deploy token, read_registry', deployToken('read_registry'), 'pull', 'private', true),
  step('deploy token, read_registry', deployToken('read_registry'), 'push', 'private', false),
  step('deploy token, both scopes', deployToken('read_registry', 'write_registry'), 'push', 'private', true),
  step('job of castle/private', job, 'push', 'private', true),
  step('job of castle/private', job, 'pull', 'public', true),
  step('job of castle/private', job, 'push', 'public', false),
  step('Maintainer, token api', tokenOf('maintainer', 'api'), 'delete', 'private', true),
]

import type { Scene } from '../../test/journeys/scene.ts'
import { basic, type Recipe, type Shown } from './recipe.ts'

type Home = (scene: Scene) => string

const project: Home = (scene) => `projects/${scene.id('private')}`
const group: Home = (scene) => `groups/${scene.groupId}`

/** An access token of a project or group; behind it stands a bot that is a member there. */
const bot =
  (home: Home) =>
  async (scene: Scene): Promise<Shown> => {
    const fields = { name: 'bot', scopes: ['write_repository'], access_level: 30 }
    const made = await scene.api.make('POST', `/${home(scene)}/access_tokens`, fields)
    return basic('bot', made.token)
  }

const deployToken =
  (home: Home, login = 'deployer') =>
  async (scene: Scene): Promise<Shown> => {
    const fields = { name: 'deploy', username: 'deployer', scopes: ['read_repository'] }
    const made = await scene.api.make('POST', `/${home(scene)}/deploy_tokens`, fields)
    return basic(login, made.token)
  }

const kind = 'deploy-token'
const standing = 'read_repository'

/** What machines use over HTTP: they act for a project or a group, not for a person. */
export const automata = {
  'project token': {
    who: 'project access token',
    kind: 'project-access-token',
    standing: 'Developer',
    make: bot(project),
  },
  'group token': { who: 'group access token', kind: 'group-access-token', standing: 'Developer', make: bot(group) },
  'project deploy token': { who: 'deploy token of castle/private', kind, standing, make: deployToken(project) },
  'group deploy token': { who: 'deploy token of group castle', kind, standing, make: deployToken(group) },
  'misnamed deploy token': {
    who: 'deploy token, wrong user name',
    kind,
    standing,
    make: deployToken(project, 'somebody'),
  },
} as const satisfies Record<string, Recipe>

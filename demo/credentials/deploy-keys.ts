import type { Person, Scene } from '../../test/journeys/scene.ts'
import type { Recipe, Shown } from './recipe.ts'

const add = async (scene: Scene, name: string, can_push: boolean, api = scene.api): Promise<Shown> => {
  const { file, line } = await scene.client.key(name)
  await api.make('POST', `/projects/${scene.id('private')}/deploy_keys`, { title: name, key: line, can_push })
  return { kind: 'key', file }
}

const key =
  (name: string, can_push: boolean) =>
  (scene: Scene): Promise<Shown> =>
    add(scene, name, can_push)

/** Only Maintainers add keys. This creator is one for just that moment, and has afterwards what was there before. */
const keyOf =
  (name: string, creator: (scene: Scene) => Person) =>
  async (scene: Scene): Promise<Shown> => {
    const { id, token } = creator(scene)
    const members = `/projects/${scene.id('private')}/members`
    await scene.api.make('POST', members, { user_id: id, access_level: 40 })
    const shown = await add(scene, name, true, scene.api.as(token))
    await scene.api.make('DELETE', `${members}/${id}`)
    return shown
  }

/** An administrator's key for every project to enable: two do, and one of them lets it push. */
const onTwoProjects = async (scene: Scene): Promise<Shown> => {
  const { file, line } = await scene.client.key('for-all')
  const { id } = await scene.api.make('POST', '/deploy_keys', { title: 'for all', key: line })
  for (const project of ['private', 'internal']) {
    await scene.api.make('POST', `/projects/${scene.id(project)}/deploy_keys/${id}/enable`)
  }
  await scene.api.make('PUT', `/projects/${scene.id('private')}/deploy_keys/${id}`, { can_push: true })
  return { kind: 'key', file }
}

const kind = 'deploy-key'

/** Keys of machines: each belongs to projects, and pushes in the name of whoever added it. */
export const deployKeys = {
  'reading key': { who: 'deploy key, read-only', kind, standing: 'enabled here', make: key('reading', false) },
  'writing key': { who: 'deploy key, read-write', kind, standing: 'may write here', make: key('writing', true) },
  'shared key': { who: 'public deploy key, on two projects', kind, standing: 'may write here', make: onTwoProjects },
  'key of a guest': {
    who: 'deploy key that a Guest added',
    kind,
    standing: 'creator sees project',
    make: keyOf('of-guest', (scene) => scene.who('guest')),
  },
  'key of one who left': {
    who: 'deploy key of one who left',
    kind,
    standing: 'enabled here',
    make: keyOf('of-stranger', (scene) => scene.who('stranger')),
  },
} as const satisfies Record<string, Recipe>

import { z } from 'zod'
import type { KeyId } from '../../../core/ids.ts'
import { selectDeployKeys } from '../../../store/deploy-keys.ts'
import { createKey, type KeyRow } from '../../../store/keys.ts'
import { selectProjects } from '../../../store/projects.ts'
import { type Answer, created } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { namespacesAbove } from '../groups/namespace-shape.ts'
import { flag, optional } from '../input.ts'
import { paginate } from '../pagination.ts'
import { projectIdentityEntity, projectIdentityShape } from '../projects/project-identity.ts'
import { unused, usesOf } from '../tokens/last-use.ts'
import { checkKey, keyTaken, newKeyFields } from './key-input.ts'
import { deployKeyEntity, deployKeyShape } from './key-shape.ts'

/** The projects on which some keys are, all by one query. */
const placesOf = async (call: Call, keys: readonly KeyId[]) => {
  if (keys.length === 0) return []
  const { read } = call.parts.store
  const rows = await selectProjects(read)
    .innerJoin('deploy_key_projects', 'deploy_key_projects.project_id', 'projects.id')
    .select(['deploy_key_projects.key_id', 'deploy_key_projects.can_push'])
    .where('deploy_key_projects.key_id', 'in', [...keys])
    .orderBy('projects.id')
    .execute()
  const above = await namespacesAbove(read, rows)
  return rows.map((row) => ({
    keyId: row.key_id,
    canPush: row.can_push === 1,
    project: projectIdentityShape(row, above),
  }))
}

const placedKeyEntity = deployKeyEntity
  .extend({
    projects_with_write_access: z.array(projectIdentityEntity),
    projects_with_readonly_access: z.array(projectIdentityEntity),
  })
  .meta({ id: 'PlacedDeployKey' })

const shapes = async (call: Call, keys: readonly KeyRow[]): Promise<z.output<typeof placedKeyEntity>[]> => {
  const places = await placesOf(
    call,
    keys.map(({ id }) => id),
  )
  const on = (key: KeyRow, canPush: boolean) =>
    places.filter((place) => place.keyId === key.id && place.canPush === canPush).map((place) => place.project)
  const use = await usesOf(call, 'key', keys)
  return keys.map((key) => ({
    ...deployKeyShape(key, use(key)),
    projects_with_write_access: on(key, true),
    projects_with_readonly_access: on(key, false),
  }))
}

const filter = z.object({ public: optional(flag()) })

const listKeys = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const all = selectDeployKeys(call.parts.store.read).orderBy('id')
  const query = call.read(filter).public === true ? all.where('public', '=', 1) : all
  return paginate(call, query, (rows) => shapes(call, rows))
}

const newKey = z.object(newKeyFields)

const create = async (call: Call): Promise<Answer> => {
  const admin = requireAdmin(call.caller)
  const { title, key, expires_at } = call.read(newKey)
  const row = await createKey(
    call.parts.store,
    {
      kind: 'deploy',
      user: admin.user.id,
      title,
      key: checkKey({ key, title, expires_at }, call.now),
      usage: 'auth_and_signing',
      isPublic: true,
      expiresAt: expires_at ?? null,
    },
    call.now,
  )
  if (row === 'taken') throw keyTaken()
  const target = { type: 'DeployKey', id: row.id, details: row.title }
  call.audit({ name: 'deploy_key_added', entity: { kind: 'Instance' }, target, message: 'Added public deploy key' })
  return created(deployKeyShape(row, unused))
}

/** Deploy keys of the whole instance. What is made here is public: any project may enable it. */
export const instanceDeployKeyRoutes: readonly Route[] = [
  route('GET', '/deploy_keys', { input: [filter], output: placedKeyEntity, paged: true, handler: listKeys }),
  route('POST', '/deploy_keys', { input: [newKey], output: deployKeyEntity, handler: create }),
]

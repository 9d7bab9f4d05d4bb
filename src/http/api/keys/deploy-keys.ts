import { z } from 'zod'
import type { KeyId } from '../../../core/ids.ts'
import {
  type AttachedKey,
  addDeployKey,
  attachedKey,
  attachedKeys,
  changeDeployKey,
  detachDeployKey,
  enableDeployKey,
} from '../../../store/deploy-keys.ts'
import type { KeyRow } from '../../../store/keys.ts'
import type { Project } from '../../../store/projects.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { changesOf, projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { notFound, parameterError, plainNotFound, validation } from '../errors.ts'
import { flag, numberIn, optional, optionalText } from '../input.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { reachProject } from '../reach.ts'
import { useOf, usesOf } from '../tokens/last-use.ts'
import { checkKey, keyTaken, newKeyFields } from './key-input.ts'
import { attachedKeyEntity, attachedKeyShape, deployKeyEntity, deployKeyShape } from './key-shape.ts'

const reach = (call: Call) => reachProject(call, 'manage_deploy_keys')

const keyId = (call: Call): KeyId => numberIn(call.word('key_id'), 'key_id') as KeyId

const listKeys = async (call: Call): Promise<Answer> => {
  const { project } = await reach(call)
  const keys = attachedKeys(call.parts.store.read, project.id).orderBy('keys.id')
  return paginate(call, keys, async (rows) => {
    const use = await usesOf(call, 'key', rows)
    return rows.map((row) => attachedKeyShape(row, use(row)))
  })
}

const named = async (call: Call, missing = plainNotFound('404 Not found')): Promise<AttachedKey> => {
  const { project } = await reach(call)
  const key = await attachedKey(call.parts.store.read, project.id, keyId(call))
  if (key === undefined) throw missing
  return key
}

const show = async (call: Call): Promise<Answer> => {
  const key = await named(call)
  return ok(attachedKeyShape(key, await useOf(call, 'key', key)))
}

const aboutDeployKey = (key: KeyRow, project: Project) => ({
  entity: projectEntity(project),
  target: { type: 'DeployKey', id: key.id, details: key.title },
})

/** GitLab has no event for a change of a deploy key; the name is ours. */
const changeNames = [
  ['title', 'deploy_key_updated'],
  ['can_push', 'deploy_key_updated'],
] as const

const newKey = z.object({ ...newKeyFields, can_push: optional(flag()) })

const create = async (call: Call): Promise<Answer> => {
  const { user } = requireUser(call.caller)
  const { project } = await reach(call)
  const { title, key, expires_at, can_push } = call.read(newKey)
  const added = await addDeployKey(
    call.parts.store,
    {
      kind: 'deploy',
      user: user.id,
      title,
      key: checkKey({ key, title, expires_at }, call.now),
      usage: 'auth_and_signing',
      isPublic: false,
      expiresAt: expires_at ?? null,
    },
    { project: project.id, by: user, canPush: can_push === true },
    call.now,
  )
  if (added === 'taken') throw keyTaken()
  const { key: row, isNew } = added
  if (isNew) call.audit({ name: 'deploy_key_added', ...aboutDeployKey(row, project), message: 'Added deploy key' })
  return created(attachedKeyShape(row, await useOf(call, 'key', row)))
}

const changes = z.object({ title: optionalText(), can_push: optional(flag()) })

/** A public key's title is its administrators' to change; of anyone else's wish it is left out without a word. */
const update = async (call: Call): Promise<Answer> => {
  const { isAdmin } = requireUser(call.caller)
  const { project } = await reach(call)
  const key = await named(call)
  const { title, can_push } = call.read(changes)
  if (title === undefined && can_push === undefined) {
    throw parameterError('title, can_push are missing, at least one parameter must be provided')
  }
  if (title?.trim() === '') throw validation({ title: ["can't be blank"] })
  const fields = { title: key.public === 1 && !isAdmin ? undefined : title, canPush: can_push }
  const changed = await changeDeployKey(call.parts.store, key.id, project.id, fields)
  if (changed === undefined) throw plainNotFound('404 Not found')
  call.audit(...changesOf(key, changed, changeNames, aboutDeployKey(changed, project)))
  return ok(attachedKeyShape(changed, await useOf(call, 'key', changed)))
}

const enable = async (call: Call): Promise<Answer> => {
  const { user } = requireUser(call.caller)
  const { project } = await reach(call)
  const attachment = { project: project.id, by: user, canPush: false }
  const key = await enableDeployKey(call.parts.store, keyId(call), attachment, call.now)
  if (key === undefined) throw notFound('Deploy key')
  call.audit({ name: 'deploy_key_added', ...aboutDeployKey(key, project), message: 'Enabled deploy key' })
  return created(deployKeyShape(key, await useOf(call, 'key', key)))
}

const remove = async (call: Call): Promise<Answer> => {
  const { project } = await reach(call)
  const key = await named(call, notFound('Deploy key'))
  refuseModified(call, key.created_at)
  await detachDeployKey(call.parts.store, key.id, project.id)
  call.audit({ name: 'deploy_key_removed', ...aboutDeployKey(key, project), message: 'Removed deploy key' })
  return noContent
}

const path = '/projects/:id/deploy_keys'

/** Deploy keys of a project (gitlab `lib/api/deploy_keys.rb`). */
export const deployKeyRoutes: readonly Route[] = [
  route('GET', path, { output: attachedKeyEntity, paged: true, handler: listKeys }),
  route('POST', path, { input: [newKey], output: attachedKeyEntity, handler: create }),
  route('GET', `${path}/:key_id`, {
    output: attachedKeyEntity,
    handler: show,
  }),
  route('PUT', `${path}/:key_id`, { input: [changes], output: attachedKeyEntity, handler: update }),
  route('DELETE', `${path}/:key_id`, { handler: remove }),
  route('POST', `${path}/:key_id/enable`, { output: deployKeyEntity, handler: enable }),
]

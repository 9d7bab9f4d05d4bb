import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { accessLevels } from '../core/access-level.ts'
import type { KeyId, ProjectId, UserId } from '../core/ids.ts'
import type { User } from '../core/principal.ts'
import { instantOf } from './instant.ts'
import { insertKey, type KeyQuery, type KeyRow, keyByFingerprint, keyById, type NewKey, selectKeys } from './keys.ts'
import type { Reader, Writer } from './routes.ts'
import type { Flag, Schema } from './schema.ts'
import type { Store } from './sqlite.ts'
import { flagOf } from './users.ts'
import { projectsOf } from './visible.ts'

/** A deploy key as one project has it. */
export interface AttachedKey extends KeyRow {
  readonly can_push: Flag
}

export type AttachedKeyQuery = SelectQueryBuilder<Schema, 'keys' | 'deploy_key_projects', AttachedKey>

export const selectDeployKeys = (reader: Reader): KeyQuery => selectKeys(reader).where('kind', '=', 'deploy')

export const attachedKeys = (reader: Reader, project: ProjectId): AttachedKeyQuery =>
  reader
    .selectFrom('deploy_key_projects')
    .innerJoin('keys', 'keys.id', 'deploy_key_projects.key_id')
    .selectAll('keys')
    .select('deploy_key_projects.can_push')
    .where('deploy_key_projects.project_id', '=', project)

export const attachedKey = (reader: Reader, project: ProjectId, id: KeyId): Promise<AttachedKey | undefined> =>
  attachedKeys(reader, project).where('keys.id', '=', id).executeTakeFirst()

/** The key is on a project that the user maintains. */
const onOwnProject = (user: User, now: number): RawBuilder<SqlBool> => sql<SqlBool>`exists (
  select 1 from deploy_key_projects attached
  join projects on projects.id = attached.project_id
  join namespaces on namespaces.id = projects.namespace_id
  where attached.key_id = keys.id and ${projectsOf(user.id, accessLevels.maintainer, now)})`

/** Deploy keys of the projects that all of these users maintain. */
export const keysOfProjectsOf = (reader: Reader, users: readonly UserId[], now: number): KeyQuery =>
  selectDeployKeys(reader)
    .where('keys.id', 'in', (from) =>
      users.reduce(
        (query, user) => query.where(projectsOf(user, accessLevels.maintainer, now)),
        from
          .selectFrom('deploy_key_projects')
          .innerJoin('projects', 'projects.id', 'deploy_key_projects.project_id')
          .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
          .select('deploy_key_projects.key_id'),
      ),
    )
    .orderBy('keys.id')

/** Whether a user may put a key on another project: a public one, one of a project it maintains, any for administrators. */
const isAccessible = async (reader: Reader, id: KeyId, user: User, now: number): Promise<boolean> => {
  const keys = selectDeployKeys(reader).where('id', '=', id)
  const within = user.isAdmin ? keys : keys.where((where) => where.or([where('public', '=', 1), onOwnProject(user, now)]))
  return (await within.executeTakeFirst()) !== undefined
}

const attach = async (transaction: Writer, key: KeyId, project: ProjectId, canPush: boolean, now: number): Promise<void> => {
  await transaction
    .insertInto('deploy_key_projects')
    .values({ key_id: key, project_id: project, can_push: flagOf(canPush), created_at: instantOf(now) })
    .execute()
}

export interface Attachment {
  readonly project: ProjectId
  readonly by: User
  readonly canPush: boolean
}

/** A key that is on a project now; `isNew` where it was not before. */
export interface AddedKey {
  readonly key: AttachedKey
  readonly isNew: boolean
}

const attachKnown = async (
  transaction: Writer,
  known: KeyRow,
  { project, by, canPush }: Attachment,
  now: number,
): Promise<AddedKey | 'taken'> => {
  const there = await attachedKey(transaction, project, known.id)
  if (there !== undefined) return { key: there, isNew: false }
  if (known.kind !== 'deploy' || !(await isAccessible(transaction, known.id, by, now))) return 'taken'
  await attach(transaction, known.id, project, canPush, now)
  return { key: { ...known, can_push: flagOf(canPush) }, isNew: true }
}

/**
 * Puts a key on a project. One that is there already is answered as it is; one that is known elsewhere is shared if the
 * caller may see it, else it is `taken` (gitlab `lib/api/deploy_keys.rb`).
 */
export const addDeployKey = (store: Store, key: NewKey, to: Attachment, now: number): Promise<AddedKey | 'taken'> =>
  store.write.transaction().execute(async (transaction) => {
    const known = await keyByFingerprint(transaction, key.key.fingerprintSha256)
    if (known !== undefined) return attachKnown(transaction, known, to, now)
    const row = await insertKey(transaction, key, now)
    await attach(transaction, row.id, to.project, to.canPush, now)
    return { key: { ...row, can_push: flagOf(to.canPush) }, isNew: true }
  })

/** Puts a key that the caller may see on a project, to read; undefined where there is no such key. */
export const enableDeployKey = (store: Store, id: KeyId, to: Attachment, now: number): Promise<AttachedKey | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    const known = await keyById(transaction, id)
    if (known === undefined || !(await isAccessible(transaction, id, to.by, now))) return undefined
    const attached = await attachKnown(transaction, known, to, now)
    return attached === 'taken' ? undefined : attached.key
  })

export interface DeployKeyChange {
  readonly title: string | undefined
  readonly canPush: boolean | undefined
}

export const changeDeployKey = (
  store: Store,
  id: KeyId,
  project: ProjectId,
  { title, canPush }: DeployKeyChange,
): Promise<AttachedKey | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    if (title !== undefined) await transaction.updateTable('keys').set({ title }).where('id', '=', id).execute()
    if (canPush !== undefined) {
      await transaction
        .updateTable('deploy_key_projects')
        .set({ can_push: flagOf(canPush) })
        .where('key_id', '=', id)
        .where('project_id', '=', project)
        .execute()
    }
    return attachedKey(transaction, project, id)
  })

/** Takes a key off a project; a private one that is on no other is deleted. */
export const detachDeployKey = (store: Store, id: KeyId, project: ProjectId): Promise<void> =>
  store.write.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('deploy_key_projects').where('key_id', '=', id).where('project_id', '=', project).execute()
    await transaction
      .deleteFrom('keys')
      .where('id', '=', id)
      .where('public', '=', 0)
      .where('id', 'not in', (from) => from.selectFrom('deploy_key_projects').select('key_id'))
      .execute()
  })

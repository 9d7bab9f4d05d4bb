import type { Selectable } from 'kysely'
import type { ProtectionLevel } from '../core/access-level.ts'
import type { KeyId, NamespaceId, ProjectId, ProtectedRefId, UserId } from '../core/ids.ts'
import type { RefRule, RefRuleAction } from '../core/project.ts'
import { instantOf } from './instant.ts'
import type { Reader, Writer } from './routes.ts'
import type { ProtectedRefsTable } from './schema.ts'

/** Whom one row of a protected branch or tag admits. */
export type Admits =
  | { readonly access_level: ProtectionLevel }
  | { readonly user_id: UserId }
  | { readonly group_id: NamespaceId }
  | { readonly deploy_key_id: KeyId }

export interface ProtectedLevel {
  readonly id: number
  readonly action: RefRuleAction
  readonly access_level: ProtectionLevel | null
  readonly user_id: UserId | null
  readonly group_id: NamespaceId | null
  readonly deploy_key_id: KeyId | null
  /** Name of the user or group, or title of the key. */
  readonly named: string | null
}

/** A protected branch or tag with all its rows, oldest first. */
export interface ProtectedRef {
  readonly id: ProtectedRefId
  readonly name: string
  readonly allow_force_push: boolean
  readonly levels: readonly ProtectedLevel[]
  readonly changed_at: string
}

type Kind = RefRule['kind']

const levelsOf = async (reader: Reader, rules: readonly ProtectedRefId[]) => {
  if (rules.length === 0) return []
  return reader
    .selectFrom('protected_ref_levels as level')
    .leftJoin('users', 'users.id', 'level.user_id')
    .leftJoin('namespaces', 'namespaces.id', 'level.group_id')
    .leftJoin('keys', 'keys.id', 'level.deploy_key_id')
    .selectAll('level')
    .select(({ fn }) => fn.coalesce('users.name', 'namespaces.name', 'keys.title').as('named'))
    .where('protected_ref_id', 'in', [...rules])
    .orderBy('level.id')
    .execute()
}

/** Adds their rows to some rules. */
const withLevels = async (
  reader: Reader,
  rules: readonly Pick<Selectable<ProtectedRefsTable>, 'id' | 'name' | 'allow_force_push' | 'created_at' | 'updated_at'>[],
): Promise<ProtectedRef[]> => {
  const levels = Map.groupBy(
    await levelsOf(
      reader,
      rules.map((rule) => rule.id),
    ),
    (level) => level.protected_ref_id,
  )
  return rules.map((rule) => ({
    id: rule.id,
    name: rule.name,
    allow_force_push: rule.allow_force_push === 1,
    levels: levels.get(rule.id) ?? [],
    changed_at: rule.updated_at ?? rule.created_at,
  }))
}

const select = (reader: Reader, project: ProjectId, kind: Kind) =>
  reader
    .selectFrom('protected_refs')
    .select(['id', 'name', 'allow_force_push', 'created_at', 'updated_at'])
    .where('project_id', '=', project)
    .where('kind', '=', kind)

export const protectedRefs = async (reader: Reader, project: ProjectId, kind: Kind): Promise<ProtectedRef[]> =>
  withLevels(reader, await select(reader, project, kind).orderBy('name').execute())

export const protectedRef = async (
  reader: Reader,
  project: ProjectId,
  kind: Kind,
  name: string,
): Promise<ProtectedRef | undefined> => {
  const [rule] = await withLevels(reader, await select(reader, project, kind).where('name', '=', name).execute())
  return rule
}

export type NewLevel = Admits & { readonly action: RefRuleAction }

const nobody = { access_level: null, user_id: null, group_id: null, deploy_key_id: null } as const

export const addLevels = async (transaction: Writer, rule: ProtectedRefId, levels: readonly NewLevel[]): Promise<void> => {
  if (levels.length === 0) return
  await transaction
    .insertInto('protected_ref_levels')
    .values(levels.map((level) => ({ ...nobody, ...level, protected_ref_id: rule })))
    .execute()
}

export const changeLevel = async (transaction: Writer, id: number, admits: Admits): Promise<void> => {
  await transaction
    .updateTable('protected_ref_levels')
    .set({ ...nobody, ...admits })
    .where('id', '=', id)
    .execute()
}

export const removeLevels = async (transaction: Writer, ids: readonly number[]): Promise<void> => {
  if (ids.length === 0) return
  await transaction
    .deleteFrom('protected_ref_levels')
    .where('id', 'in', [...ids])
    .execute()
}

export interface NewProtectedRef {
  readonly project: ProjectId
  readonly kind: Kind
  readonly name: string
  readonly allowForcePush: boolean
  readonly levels: readonly NewLevel[]
}

/** Most protected branches, and most protected tags, of one project: every push compares its names with all of them. */
export const mostProtectedRefs = 500

const isFull = async (transaction: Writer, { project, kind }: NewProtectedRef): Promise<boolean> => {
  const { count } = await transaction
    .selectFrom('protected_refs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project_id', '=', project)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow()
  return count >= mostProtectedRefs
}

/** Makes a rule with its rows, unless the project has its fill. A rule of this very name is left as it is. */
export const addProtectedRef = async (
  transaction: Writer,
  rule: NewProtectedRef,
  now: number,
): Promise<'added' | 'exists' | 'full'> => {
  if (await isFull(transaction, rule)) {
    return (await protectedRef(transaction, rule.project, rule.kind, rule.name)) === undefined ? 'full' : 'exists'
  }
  const row = await transaction
    .insertInto('protected_refs')
    .values({
      project_id: rule.project,
      kind: rule.kind,
      name: rule.name,
      allow_force_push: rule.allowForcePush ? 1 : 0,
      created_at: instantOf(now),
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'kind', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return 'exists'
  await addLevels(transaction, row.id, rule.levels)
  return 'added'
}

/** Notes that a rule changes, with its leave of force where that is said. */
export const changeProtectedRef = async (
  transaction: Writer,
  rule: ProtectedRefId,
  force: boolean | undefined,
  now: number,
): Promise<void> => {
  await transaction
    .updateTable('protected_refs')
    .set({ updated_at: instantOf(now), ...(force !== undefined && { allow_force_push: force ? 1 : 0 }) })
    .where('id', '=', rule)
    .execute()
}

export const removeProtectedRef = async (transaction: Writer, rule: ProtectedRefId): Promise<void> => {
  await transaction.deleteFrom('protected_refs').where('id', '=', rule).execute()
}

import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { NamespaceId, ProjectId, VariableId } from '../../core/ids.ts'
import type { Secret } from '../../core/secret.ts'
import type { SealedPlace, Sealer } from '../../tokens/seal.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Schema } from '../schema.ts'
import type { Store } from '../sqlite.ts'
import type { VariablesTable } from './schema.ts'

export type VariableRow = Selectable<VariablesTable>

export type VariableQuery = SelectQueryBuilder<Schema, 'variables', VariableRow>

/** Whose a variable is: a project's, or a group's and of all that stands below it. */
export type VariableHome =
  | { readonly kind: 'project'; readonly id: ProjectId }
  | { readonly kind: 'group'; readonly id: NamespaceId }

/** Variables of one project or group at most: every one of them is opened for each of its jobs. */
export const mostVariables = 1_000

/** Where a variable's value is sealed. */
const placeOfVariable = (id: VariableId): SealedPlace => ({ table: 'variables', column: 'sealed', row: id })

export const openVariable = (sealer: Sealer, { id, sealed }: Pick<VariableRow, 'id' | 'sealed'>): Secret =>
  sealer.open(sealed, placeOfVariable(id))

export const variablesOf = (reader: Reader, home: VariableHome): VariableQuery =>
  reader
    .selectFrom('variables')
    .selectAll()
    .where(home.kind === 'project' ? 'project_id' : 'group_id', '=', home.id)

/** Of some groups, in no order. */
export const variablesOfGroups = (reader: Reader, groups: readonly NamespaceId[]): Promise<VariableRow[]> =>
  reader
    .selectFrom('variables')
    .selectAll()
    .where('group_id', 'in', [...groups])
    .execute()

export type VariableFields = Pick<
  VariableRow,
  'key' | 'variable_type' | 'protected' | 'masked' | 'hidden' | 'raw' | 'environment_scope' | 'description'
>

const isTaken = async (transaction: Writer, home: VariableHome, key: string, scope: string, but?: VariableId) => {
  const other = await variablesOf(transaction, home)
    .where('key', '=', key)
    .where('environment_scope', '=', scope)
    .executeTakeFirst()
  return other !== undefined && other.id !== but
}

const isFull = async (transaction: Writer, home: VariableHome): Promise<boolean> => {
  const { many } = await variablesOf(transaction, home)
    .clearSelect()
    .select(({ fn }) => fn.countAll<number>().as('many'))
    .executeTakeFirstOrThrow()
  return many >= mostVariables
}

const seal = (transaction: Writer, sealer: Sealer, id: VariableId, value: Secret) =>
  transaction
    .updateTable('variables')
    .set({ sealed: sealer.seal(value, placeOfVariable(id)) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()

export interface NewVariable {
  readonly home: VariableHome
  readonly fields: VariableFields
  readonly value: Secret
}

/** Nothing was written where the answer is a word. The seal is bound to the row's number, so it comes second. */
export const createVariable = (
  store: Store,
  { home, fields, value }: NewVariable,
  sealer: Sealer,
  now: number,
): Promise<VariableRow | 'taken' | 'full'> =>
  store.write.transaction().execute(async (transaction) => {
    if (await isTaken(transaction, home, fields.key, fields.environment_scope)) return 'taken'
    if (await isFull(transaction, home)) return 'full'
    const time = instantOf(now)
    const whose = home.kind === 'project' ? { project_id: home.id, group_id: null } : { project_id: null, group_id: home.id }
    const { id } = await transaction
      .insertInto('variables')
      .values({ ...whose, ...fields, sealed: '', created_at: time, updated_at: time })
      .returning('id')
      .executeTakeFirstOrThrow()
    return seal(transaction, sealer, id, value)
  })

/** Undefined where it is gone; nothing was written where another has its key and scope already. */
export const updateVariable = (
  store: Store,
  { home, id, fields, value }: { home: VariableHome; id: VariableId; fields: VariableFields; value: Secret | undefined },
  sealer: Sealer,
  now: number,
): Promise<VariableRow | 'taken' | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    if (await isTaken(transaction, home, fields.key, fields.environment_scope, id)) return 'taken'
    const row = await transaction
      .updateTable('variables')
      .set({ ...fields, updated_at: instantOf(now) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    return row === undefined || value === undefined ? row : seal(transaction, sealer, id, value)
  })

/** Whether it was still there. */
export const deleteVariable = async (store: Store, id: VariableId): Promise<boolean> => {
  const { numDeletedRows } = await store.write.deleteFrom('variables').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}

import type { KeyId, NamespaceId, ProjectId } from '../core/ids.ts'
import { below, type Namespace, namespaceById } from './namespaces.ts'
import type { Reader, Writer } from './routes.ts'

/** Few enough for one statement's parameters in every backend. */
const batch = 500

const inBatches = async <Item>(items: readonly Item[], work: (some: readonly Item[]) => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < items.length; at += batch) await work(items.slice(at, at + batch))
}

const attachedKeys = async (reader: Reader, projects: readonly ProjectId[]): Promise<readonly KeyId[]> => {
  const rows = await reader
    .selectFrom('deploy_key_projects')
    .select('key_id')
    .distinct()
    .where('project_id', 'in', projects)
    .execute()
  return rows.map((row) => row.key_id)
}

/** A private deploy key goes with the last project that it was attached to; a public one stays. */
const removeOrphans = async (transaction: Writer, keys: readonly KeyId[]): Promise<void> => {
  await transaction
    .deleteFrom('keys')
    .where('id', 'in', keys)
    .where('kind', '=', 'deploy')
    .where('public', '=', 0)
    .where('id', 'not in', (from) => from.selectFrom('deploy_key_projects').select('key_id'))
    .execute()
}

const removeSome = async (transaction: Writer, projects: readonly ProjectId[]): Promise<void> => {
  const keys = await attachedKeys(transaction, projects)
  await transaction.deleteFrom('users').where('bot_project_id', 'in', projects).execute()
  await transaction.deleteFrom('projects').where('id', 'in', projects).execute()
  await inBatches(keys, (some) => removeOrphans(transaction, some))
}

/** Removes projects with their members, tokens, bots and private deploy keys. Their repositories are the caller's to remove. */
export const removeProjects = (transaction: Writer, projects: readonly ProjectId[]): Promise<void> =>
  inBatches(projects, (some) => removeSome(transaction, some))

const idsAtOrBelow = async (reader: Reader, { id, lineage }: Namespace): Promise<readonly NamespaceId[]> => {
  const inside = await reader.selectFrom('namespaces').select('id').where(below(lineage)).execute()
  return [id, ...inside.map((row) => row.id)]
}

/** Projects in the own namespaces of the groups' service accounts: these go with their accounts. */
const projectsOfBots = async (reader: Reader, groups: readonly NamespaceId[]): Promise<readonly ProjectId[]> => {
  const rows = await reader
    .selectFrom('projects')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .innerJoin('users', 'users.id', 'namespaces.owner_id')
    .select('projects.id')
    .where('users.bot_group_id', 'in', groups)
    .execute()
  return rows.map((row) => row.id)
}

/** Bots and service accounts of groups, with the keys by which they log in. */
const removeBots = async (transaction: Writer, groups: readonly NamespaceId[]): Promise<void> => {
  await transaction
    .deleteFrom('keys')
    .where('kind', '=', 'user')
    .where('user_id', 'in', (from) => from.selectFrom('users').select('users.id').where('bot_group_id', 'in', groups))
    .execute()
  await transaction.deleteFrom('users').where('bot_group_id', 'in', groups).execute()
}

/**
 * Removes a namespace with every group and project below it. Answers with the projects, whose repositories the caller
 * removes once the transaction is committed.
 */
export const removeNamespace = async (transaction: Writer, id: NamespaceId): Promise<readonly ProjectId[]> => {
  const namespace = await namespaceById(transaction, id)
  if (namespace === undefined) return []
  const namespaces = await idsAtOrBelow(transaction, namespace)
  const projects: ProjectId[] = []
  await inBatches(namespaces, async (some) => {
    const rows = await transaction.selectFrom('projects').select('id').where('namespace_id', 'in', some).execute()
    projects.push(...rows.map((row) => row.id))
    projects.push(...(await projectsOfBots(transaction, some)))
  })
  await removeProjects(transaction, projects)
  await inBatches(namespaces, (some) => removeBots(transaction, some))
  await transaction.deleteFrom('namespaces').where('id', '=', id).execute()
  return projects
}

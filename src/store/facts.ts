import type { TargetProject } from '../access/authenticate.ts'
import type { Creation } from '../access/facts.ts'
import type { StoredFactSource, StoredFacts } from '../access/gather.ts'
import { projectsLimitText } from '../access/policy.ts'
import { checkProjectPath, splitPath } from '../access/project-path.ts'
import { createsProjects } from '../access/rules/creation.ts'
import type { Clock } from '../core/clock.ts'
import type { KeyId, ProjectId } from '../core/ids.ts'
import type { Principal, User } from '../core/principal.ts'
import type { ProjectFacts } from '../core/project.ts'
import { lineageIds, namespaceByPath } from './namespaces.ts'
import { reachedLimit } from './projects.ts'
import { roleIn } from './roles.ts'
import { findByPath, type Reader } from './routes.ts'
import { readRules } from './rules.ts'
import { protectionPresetOf } from './settings.ts'
import type { Store } from './sqlite.ts'

const projectFacts = async (
  reader: Reader,
  id: ProjectId,
  askedPath: string,
  moved: boolean,
): Promise<ProjectFacts | undefined> => {
  const row = await reader
    .selectFrom('projects')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .innerJoin('routes', 'routes.project_id', 'projects.id')
    .where('projects.id', '=', id)
    .select([
      'routes.path as full_path',
      'projects.visibility',
      'projects.archived',
      'repository_access_level',
      'default_branch',
      'projects.namespace_id',
      'lineage',
    ])
    .executeTakeFirst()
  if (row === undefined) return undefined
  const namespaces = lineageIds(row.lineage)
  const archivedAbove = await reader
    .selectFrom('namespaces')
    .where('id', 'in', [...namespaces])
    .where('archived', '=', 1)
    .select('id')
    .executeTakeFirst()
  return {
    id,
    fullPath: row.full_path,
    visibility: row.visibility,
    archived: row.archived === 1 || archivedAbove !== undefined,
    repositoryAccess: row.repository_access_level,
    defaultBranch: row.default_branch ?? undefined,
    protectionPreset: await protectionPresetOf(reader, row.namespace_id),
    namespaces,
    movedFrom: moved ? askedPath : undefined,
  }
}

const locate = async (reader: Reader, path: string): Promise<ProjectFacts | undefined> => {
  const found = await findByPath(reader, path)
  if (found === undefined || found.projectId === null) return undefined
  return projectFacts(reader, found.projectId, path, found.moved)
}

const creationIn = async (reader: Reader, user: User, path: string, now: number): Promise<Creation> => {
  const split = splitPath(path)
  if (split === undefined) return { kind: 'unparsable' }
  const namespace = await namespaceByPath(reader, split.namespace)
  if (namespace === undefined) return { kind: 'impossible' }
  const role = await roleIn(reader, user.id, { namespaces: lineageIds(namespace.lineage), project: undefined }, now)
  const place =
    namespace.kind === 'user'
      ? ({ kind: 'user', ownerId: namespace.owner_id ?? undefined } as const)
      : ({ kind: 'group', level: namespace.project_creation_level } as const)
  if (!createsProjects(user, role, place)) return { kind: 'impossible' }
  const limit = await reachedLimit(reader, namespace)
  const wrong = limit === undefined ? checkProjectPath(split.path) : `Limit reached ${projectsLimitText(limit)}`
  return wrong === undefined
    ? { kind: 'possible', namespaceId: namespace.id, path: split.path }
    : { kind: 'bad-name', message: `Could not create project: ${wrong}` }
}

const creation = (reader: Reader, principal: Principal, path: string, now: number): Promise<Creation> | Creation => {
  if (splitPath(path) === undefined) return { kind: 'unparsable' }
  return principal.kind === 'user' ? creationIn(reader, principal.user, path, now) : { kind: 'impossible' }
}

const keyFacts = async (reader: Reader, principal: Principal, project: ProjectId): Promise<StoredFacts['key']> => {
  const row = principal.kind === 'deploy-key' ? await keyRow(reader, principal.id, project) : undefined
  return { attached: row !== undefined, canPush: row?.can_push === 1 }
}

const keyRow = (reader: Reader, key: KeyId, project: ProjectId) =>
  reader
    .selectFrom('deploy_key_projects')
    .where('key_id', '=', key)
    .where('project_id', '=', project)
    .select('can_push')
    .executeTakeFirst()

const roleOf = async (reader: Reader, principal: Principal, project: ProjectFacts, now: number): Promise<StoredFacts['role']> => {
  const user = principal.kind === 'user' ? principal.user : principal.kind === 'deploy-key' ? principal.creator : undefined
  return user === undefined ? 0 : roleIn(reader, user.id, { namespaces: project.namespaces, project: project.id }, now)
}

const nothing = { role: 0, key: { attached: false, canPush: false }, rules: [] } as const

const readAll = async (reader: Reader, principal: Principal, path: string, now: number): Promise<StoredFacts> => {
  const project = await locate(reader, path)
  if (project === undefined) return { project, creation: await creation(reader, principal, path, now), ...nothing }
  return {
    project,
    creation: { kind: 'impossible' },
    role: await roleOf(reader, principal, project, now),
    key: await keyFacts(reader, principal, project.id),
    rules: await readRules(reader, project.id, now),
  }
}

/** All that a decision may ask of the store, in one read transaction. */
export const storedFacts = (store: Store, clock: Clock): StoredFactSource => ({
  async locate(path): Promise<TargetProject | undefined> {
    return locate(store.read, path)
  },
  read: (principal, path) => store.read.transaction().execute((reader) => readAll(reader, principal, path, clock())),
})

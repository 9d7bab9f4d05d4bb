import type { TargetProject } from '../access/authenticate.ts'
import type { Creation } from '../access/facts.ts'
import type { StoredFactSource, StoredFacts } from '../access/gather.ts'
import { projectsLimitText } from '../access/policy.ts'
import { checkProjectPath, splitPath } from '../access/project-path.ts'
import { createsProjects } from '../access/rules/creation.ts'
import { presetProtections } from '../access/rules/preset.ts'
import { sees } from '../access/rules/pull.ts'
import { roleOfTrusted } from '../access/rules/trusted.ts'
import type { Action } from '../core/action.ts'
import type { Clock } from '../core/clock.ts'
import type { KeyId, NamespaceId, ProjectId } from '../core/ids.ts'
import { type Principal, type User, userBehind } from '../core/principal.ts'
import type { ProjectFacts } from '../core/project.ts'
import { jobReach } from './ci/allowlist.ts'
import { defaultProtectionOf } from './default-protection.ts'
import { lineageIds, namespaceByPath } from './namespaces.ts'
import { noLineage, noNamespace, noProject } from './nothing.ts'
import { reachedLimit } from './projects.ts'
import { shieldOf, standardShield } from './push-shield.ts'
import { roleIn } from './roles.ts'
import { type Found, findByPath, type Reader } from './routes.ts'
import { readRules } from './rules.ts'
import type { Flag } from './schema.ts'
import { readSetting } from './settings.ts'
import type { Store } from './sqlite.ts'

const projectRow = (reader: Reader, id: ProjectId) =>
  reader
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
      'push_shield',
      'push_shield_revokes',
      'projects.namespace_id',
      'lineage',
    ])
    .executeTakeFirst()

type ProjectRow = NonNullable<Awaited<ReturnType<typeof projectRow>>>

const targetOf = (id: ProjectId, row: ProjectRow): TargetProject => ({
  id,
  visibility: row.visibility,
  repositoryAccess: row.repository_access_level,
  namespaces: lineageIds(row.lineage),
})

const archivedAbove = async (reader: Reader, namespaces: readonly NamespaceId[]): Promise<boolean> => {
  const above = await reader
    .selectFrom('namespaces')
    .where('id', 'in', [...namespaces])
    .where('archived', '=', 1)
    .select('id')
    .executeTakeFirst()
  return above !== undefined
}

/** @param archived the project's own column */
export const isArchivedIn = async (reader: Reader, archived: Flag, namespaces: readonly NamespaceId[]): Promise<boolean> =>
  archived === 1 || (await archivedAbove(reader, namespaces))

type PushFacts = Pick<ProjectFacts, 'archived' | 'defaultProtection' | 'pushShield'>

/** What only a push asks for, where it was not read: values that allow nothing. */
const unread: PushFacts = { archived: true, defaultProtection: presetProtections[2], pushShield: standardShield }

const pushFacts = async (reader: Reader, row: ProjectRow): Promise<PushFacts> => ({
  archived: await isArchivedIn(reader, row.archived, lineageIds(row.lineage)),
  defaultProtection: await defaultProtectionOf(reader, row.namespace_id),
  pushShield: shieldOf(row),
})

const locate = async (reader: Reader, path: string): Promise<TargetProject | undefined> => {
  const found = await findByPath(reader, path)
  const id = found?.projectId ?? noProject
  const row = await projectRow(reader, id)
  return row && targetOf(id, row)
}

const creationIn = async (reader: Reader, user: User, path: string, now: number): Promise<Creation> => {
  const split = splitPath(path)
  if (split === undefined) return { kind: 'unparsable' }
  const namespace = await namespaceByPath(reader, split.namespace)
  const place = { namespaces: lineageIds(namespace?.lineage ?? noLineage), project: undefined }
  const role = await roleIn(reader, user.id, place, now)
  if (namespace === undefined) return { kind: 'impossible' }
  const home =
    namespace.kind === 'user'
      ? ({ kind: 'user', ownerId: namespace.owner_id ?? undefined } as const)
      : ({ kind: 'group', level: namespace.project_creation_level } as const)
  if (!createsProjects(user, role, home)) return { kind: 'impossible' }
  const limit = await reachedLimit(reader, namespace)
  const wrong = limit === undefined ? checkProjectPath(split.path) : `Limit reached ${projectsLimitText(limit)}`
  return wrong === undefined
    ? { kind: 'possible', namespaceId: namespace.id, path: split.path }
    : { kind: 'bad-name', message: `Could not create project: ${wrong}` }
}

/**
 * For a push, which may make a project. What stands on the path, if it is no project, is a namespace: its path is taken,
 * an old one of it is not.
 */
const creation = (
  reader: Reader,
  { principal, path, action, now }: Asked,
  found: Found | undefined,
): Promise<Creation> | Creation => {
  if (splitPath(path) === undefined) return { kind: 'unparsable' }
  if (action.kind === 'pull') return { kind: 'impossible' }
  const isTaken = found !== undefined && !found.moved
  return principal.kind === 'user' && !isTaken ? creationIn(reader, principal.user, path, now) : { kind: 'impossible' }
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

const roleOf = async (
  reader: Reader,
  principal: Principal,
  project: TargetProject,
  now: number,
): Promise<StoredFacts['role']> => {
  if (principal.kind === 'trusted') return roleOfTrusted(principal, project)
  const user = userBehind(principal)
  return user === undefined ? 0 : roleIn(reader, user.id, { namespaces: project.namespaces, project: project.id }, now)
}

const noReach: StoredFacts['job'] = { listed: false, pushes: false }

const jobFacts = async (reader: Reader, principal: Principal, project: ProjectId): Promise<StoredFacts['job']> =>
  principal.kind === 'job' ? jobReach(reader, project, principal.home) : noReach

interface Asked {
  readonly principal: Principal
  readonly path: string
  readonly action: Action
  readonly now: number
}

/** All but the instance's own settings. */
type ProjectKnowledge = Omit<StoredFacts, 'onlyProtocol'>

/** Who asks, as a project knows them; the same questions for one that is not there. */
const ties = async (reader: Reader, { principal, now }: Asked, project: TargetProject) => ({
  role: await roleOf(reader, principal, project, now),
  key: await keyFacts(reader, principal, project.id),
  job: await jobFacts(reader, principal, project.id),
})

const plain = (target: TargetProject, row: ProjectRow, movedFrom: string | undefined): ProjectFacts => ({
  ...target,
  ...unread,
  fullPath: row.full_path,
  defaultBranch: row.default_branch ?? undefined,
  movedFrom,
})

const noTarget: TargetProject = {
  id: noProject,
  visibility: 'private',
  repositoryAccess: 'disabled',
  namespaces: [noNamespace],
}

const readAll = async (reader: Reader, asked: Asked): Promise<ProjectKnowledge> => {
  const { principal, action, now } = asked
  const found = await findByPath(reader, asked.path)
  const id = found?.projectId ?? noProject
  const row = await projectRow(reader, id)
  const target = row === undefined ? noTarget : targetOf(id, row)
  const known = await ties(reader, asked, target)
  const project = row && plain(target, row, found?.moved ? asked.path : undefined)
  if (row === undefined || project === undefined || !sees(principal, project, known)) {
    // Of what is hidden no more is read than of what is not there, and no less.
    const made = await creation(reader, asked, project === undefined ? found : undefined)
    return { ...known, project, rules: [], creation: project === undefined ? made : { kind: 'impossible' } }
  }
  const pushes = action.kind === 'push'
  return {
    ...known,
    project: pushes ? { ...project, ...(await pushFacts(reader, row)) } : project,
    creation: { kind: 'impossible' },
    rules: pushes && action.updates !== 'unknown' ? await readRules(reader, id, now) : [],
  }
}

/** A source of facts that may be told for which time, in milliseconds, it is asked. */
export interface TimedFactSource extends StoredFactSource {
  read(principal: Principal, path: string, action: Action, now?: number): Promise<StoredFacts>
}

/** All that a decision may ask of the store, in one read transaction. */
export const storedFacts = (store: Store, clock: Clock): TimedFactSource => ({
  locate: (path) => locate(store.read, path),
  read: (principal, path, action, now = clock()) =>
    store.read.transaction().execute(async (reader) => ({
      ...(await readAll(reader, { principal, path, action, now })),
      onlyProtocol: (await readSetting(reader, 'enabled_git_access_protocol')) ?? undefined,
    })),
})

import type { z } from 'zod'
import { userDownloads } from '../../../access/rules/visibility.ts'
import type { NamespaceId, ProjectId, UserId } from '../../../core/ids.ts'
import type { User } from '../../../core/principal.ts'
import type { Role } from '../../../core/project.ts'
import { type CiSettings, ciSettingsOf } from '../../../store/ci/settings.ts'
import { type Membership, membershipsOf } from '../../../store/members.ts'
import { lineageIds, type Namespace } from '../../../store/namespaces.ts'
import type { Project } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { userOf } from '../caller.ts'
import { namespaceShape, namespacesAbove } from '../groups/namespace-shape.ts'
import { httpCloneUrl, sshCloneUrl, webUrl } from '../urls.ts'
import { briefUsers, type UserBrief } from '../users/user-brief.ts'
import { ciWords } from './project-ci-settings.ts'
import type { AbsentFeatures, basicProjectEntity, fullProjectEntity, ProjectShape } from './project-entity.ts'
import { projectIdentityShape } from './project-identity.ts'

/** What the rows of a page need beside themselves, read for all of them together. */
interface Context {
  readonly call: Call
  readonly user: User | undefined
  readonly above: ReadonlyMap<NamespaceId, Namespace>
  readonly owners: ReadonlyMap<UserId, UserBrief>
  readonly ofCaller: readonly Membership[]
  readonly ciSettings: (project: ProjectId) => CiSettings
}

const highest = (rows: readonly Membership[]): Role =>
  rows
    .map((row) => row.access_level)
    .sort((one, other) => one - other)
    .at(-1) ?? 0

const inProject = (id: ProjectId, { ofCaller }: Context): Membership[] => ofCaller.filter((row) => row.project_id === id)

const inGroups = (lineage: string, { ofCaller }: Context): Membership[] => {
  const ids = new Set(lineageIds(lineage))
  return ofCaller.filter((row) => row.namespace_id !== null && ids.has(row.namespace_id))
}

const access = (level: Role) => (level === 0 ? null : { access_level: level, notification_level: 3 })

const namespaceOf = (project: Project, { above }: Context): Namespace => {
  const namespace = above.get(project.namespace_id)
  if (namespace === undefined) throw new Error(`project ${project.id} stands in a namespace that is gone`)
  return namespace
}

const ownsAll = (project: Project, context: Context): boolean =>
  context.user !== undefined && namespaceOf(project, context).owner_id === context.user.id

const roleOf = (project: Project, context: Context): Role => {
  if (ownsAll(project, context)) return 50
  return highest([...inProject(project.id, context), ...inGroups(project.lineage, context)])
}

const readsCode = (project: Project, context: Context): boolean => {
  const facts = { visibility: project.visibility, repositoryAccess: project.repository_access_level }
  if (context.user === undefined) return facts.visibility === 'public' && facts.repositoryAccess === 'enabled'
  return userDownloads(context.user, roleOf(project, context), facts)
}

const basic = (project: Project, context: Context): z.output<typeof basicProjectEntity> => {
  const { settings } = context.call.parts
  return {
    ...projectIdentityShape(project, context.above),
    ...(readsCode(project, context) && { default_branch: project.default_branch ?? project.initial_branch }),
    tag_list: [],
    topics: [],
    ssh_url_to_repo: sshCloneUrl(settings, project.full_path),
    http_url_to_repo: httpCloneUrl(settings, project.full_path),
    web_url: webUrl(settings, project.full_path),
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.last_activity_at,
    visibility: project.visibility,
    namespace: namespaceShape(namespaceOf(project, context), settings),
  }
}

/** Parts of GitLab that are not here say so in its own words. */
const absentFeatures: AbsentFeatures = {
  packages_enabled: false,
  issues_enabled: false,
  merge_requests_enabled: false,
  wiki_enabled: false,
  snippets_enabled: false,
  service_desk_enabled: false,
  can_create_merge_request_in: false,
  issues_access_level: 'disabled',
  merge_requests_access_level: 'disabled',
  forking_access_level: 'disabled',
  wiki_access_level: 'disabled',
  snippets_access_level: 'disabled',
  pages_access_level: 'disabled',
  lfs_enabled: false,
  request_access_enabled: false,
  import_url: null,
  import_type: null,
  import_status: 'none',
  import_error: null,
  open_issues_count: 0,
  marked_for_deletion_at: null,
  marked_for_deletion_on: null,
  shared_with_groups: [],
  merge_method: 'merge',
}

const maintainer = 40

const full = (project: Project, context: Context): z.output<typeof fullProjectEntity> => {
  const { settings } = context.call.parts
  const images = settings.registry === undefined ? 'disabled' : project.container_registry_access_level
  const owner = context.owners.get(namespaceOf(project, context).owner_id ?? (0 as UserId))
  const administers = context.user?.isAdmin === true || roleOf(project, context) >= maintainer
  return {
    ...basic(project, context),
    _links: {
      self: webUrl(settings, `api/v4/projects/${project.id}`),
      members: webUrl(settings, `api/v4/projects/${project.id}/members`),
    },
    ...absentFeatures,
    ...ciWords(context.ciSettings(project.id)),
    empty_repo: project.default_branch === null,
    archived: project.archived === 1,
    creator_id: project.creator_id,
    updated_at: project.updated_at,
    repository_access_level: project.repository_access_level,
    container_registry_enabled: images !== 'disabled',
    container_registry_access_level: images,
    ...(owner && { owner }),
    ...(administers && { runners_token: null }),
    permissions: {
      project_access: access(highest(inProject(project.id, context))),
      group_access: access(highest(inGroups(project.lineage, context))),
    },
  }
}

/** Projects as the caller may see them: in full for those signed in, unless `simple` is asked for. */
export const shapeProjects = async (call: Call, projects: readonly Project[], simple = false): Promise<ProjectShape[]> => {
  const { read } = call.parts.store
  const user = userOf(call.caller)
  const above = await namespacesAbove(read, projects)
  const owners = await briefUsers(
    call,
    [...above.values()].flatMap(({ owner_id }) => owner_id ?? []),
  )
  const ids = projects.map(({ id }) => id)
  const ofCaller =
    user === undefined ? [] : await membershipsOf(read, user.id, { namespaces: [...above.keys()], projects: ids }, call.now)
  const ciSettings = await ciSettingsOf(read, ids)
  const context: Context = { call, user, above, owners, ofCaller, ciSettings }
  return projects.map((project) => (simple || user === undefined ? basic(project, context) : full(project, context)))
}

export const shapeProject = async (call: Call, project: Project): Promise<ProjectShape | undefined> =>
  (await shapeProjects(call, [project]))[0]

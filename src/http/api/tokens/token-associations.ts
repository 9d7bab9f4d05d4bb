import { z } from 'zod'
import { memberLevels } from '../../../core/access-level.ts'
import { visibilities } from '../../../core/visibility.ts'
import { type Membership, membershipsOf } from '../../../store/members.ts'
import { lineageIds, type Namespace, selectNamespaces } from '../../../store/namespaces.ts'
import { type Project, selectProjects } from '../../../store/projects.ts'
import { groupsOf, projectsOf, visibleGroups, visibleProjects } from '../../../store/visible.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { link, maybeNumber, wholeNumber, words } from '../entity-words.ts'
import { namespaceEntity, namespaceShape, namespacesAbove, namespaceUrl } from '../groups/namespace-shape.ts'
import { oneNumberOf, optional } from '../input.ts'
import { pageInput } from '../page-input.ts'
import { paginate } from '../pagination.ts'
import { projectIdentityEntity, projectIdentityShape } from '../projects/project-identity.ts'
import { webUrl } from '../urls.ts'

const least = z.object({ min_access_level: optional(oneNumberOf(memberLevels)) })

const visibility = z.enum(visibilities)

/** gitlab `API::Entities::GroupAssociationDetails`; its `access_levels` is one number. */
const groupAssociation = z.object({
  id: wholeNumber,
  web_url: link,
  name: words,
  parent_id: maybeNumber,
  organization_id: wholeNumber,
  access_levels: maybeNumber,
  visibility,
})

/** gitlab `API::Entities::ProjectAssociationDetails`. */
const projectAssociation = projectIdentityEntity.extend({
  access_levels: z.object({ project_access_level: maybeNumber, group_access_level: maybeNumber }),
  visibility,
  web_url: link,
  namespace: namespaceEntity,
})

const associations = z
  .object({ groups: z.array(groupAssociation), projects: z.array(projectAssociation) })
  .meta({ id: 'TokenAssociations' })

const highest = (rows: readonly Membership[]): number | null =>
  rows.length === 0 ? null : Math.max(...rows.map((row) => row.access_level))

const inGroups = (rows: readonly Membership[], lineage: string): readonly Membership[] => {
  const ids = new Set<number>(lineageIds(lineage))
  return rows.filter((row) => row.namespace_id !== null && ids.has(row.namespace_id))
}

const shapeGroups = async (call: Call, groups: readonly Namespace[]): Promise<z.output<typeof groupAssociation>[]> => {
  const { user } = requireUser(call.caller)
  const namespaces = groups.flatMap(({ lineage }) => lineageIds(lineage))
  const rows = await membershipsOf(call.parts.store.read, user.id, { namespaces, projects: [] }, call.now)
  return groups.map((group) => ({
    id: group.id,
    web_url: namespaceUrl(group, call.parts.settings),
    name: group.name,
    parent_id: group.parent_id,
    organization_id: 1,
    access_levels: highest(inGroups(rows, group.lineage)),
    visibility: group.visibility,
  }))
}

const shapeProjects = async (call: Call, projects: readonly Project[]): Promise<z.output<typeof projectAssociation>[]> => {
  const { user } = requireUser(call.caller)
  const { store, settings } = call.parts
  const above = await namespacesAbove(store.read, projects)
  const places = { namespaces: [...above.keys()], projects: projects.map(({ id }) => id) }
  const rows = await membershipsOf(store.read, user.id, places, call.now)
  return projects.flatMap((project) => {
    const namespace = above.get(project.namespace_id)
    if (namespace === undefined) return []
    return {
      ...projectIdentityShape(project, above),
      access_levels: {
        project_access_level: highest(rows.filter((row) => row.project_id === project.id)),
        group_access_level: highest(inGroups(rows, project.lineage)),
      },
      visibility: project.visibility,
      web_url: webUrl(settings, project.full_path),
      namespace: namespaceShape(namespace, settings),
    }
  })
}

/** What the user of the token may see, or has at least a role in: both lists by the same page; the headers are those of the projects. */
const list = async (call: Call): Promise<Answer> => {
  const { user } = requireUser(call.caller)
  const { min_access_level: level } = call.read(least)
  const { read } = call.parts.store
  const groupsFor = level === undefined ? visibleGroups(user, call.now) : groupsOf(user.id, level, call.now)
  const groups = selectNamespaces(read).where('namespaces.kind', '=', 'group').where(groupsFor).orderBy('namespaces.id', 'desc')
  const projectsFor = level === undefined ? visibleProjects(user, call.now) : projectsOf(user.id, level, call.now)
  const projects = selectProjects(read).where(projectsFor).orderBy('projects.id', 'desc')
  const shownGroups = await paginate(call, groups, (rows: Namespace[]) => shapeGroups(call, rows))
  const shownProjects = await paginate(call, projects, (rows: Project[]) => shapeProjects(call, rows))
  return ok({ groups: shownGroups.body, projects: shownProjects.body }, shownProjects.headers)
}

/** gitlab `lib/api/personal_access_tokens/self_information.rb`: whatever the scopes of the token. */
export const tokenAssociationRoutes: readonly Route[] = [
  route('GET', '/personal_access_tokens/self/associations', {
    scopes: 'any',
    summary: 'List groups and projects that the token reaches',
    input: [least, pageInput],
    output: associations,
    handler: list,
  }),
]

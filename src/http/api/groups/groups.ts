import { z } from 'zod'
import type { Namespace } from '../../../store/namespaces.ts'
import { atOrBelow, below } from '../../../store/namespaces.ts'
import { selectProjects } from '../../../store/projects.ts'
import { visibleProjects } from '../../../store/visible.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { messageEntity } from '../entity-words.ts'
import { flag, optional } from '../input.ts'
import { projectEntity } from '../projects/project-entity.ts'
import { listProjects, projectFilters } from '../projects/project-list.ts'
import { shapeProjects } from '../projects/project-shape.ts'
import { reachGroup } from '../reach.ts'
import { remove, update } from './group-change.ts'
import { create } from './group-create.ts'
import { groupChangeInput, newGroupInput } from './group-input.ts'
import { groupFilters, listGroups } from './group-list.ts'
import { groupDetailEntity, groupEntity, shapeGroup } from './group-shape.ts'

/** At most so many projects stand within `GET /groups/:id`. */
const mostProjects = 100

const projectsWithin = async (call: Call, group: Namespace): Promise<unknown[]> => {
  const user = call.caller.kind === 'user' ? call.caller.user : undefined
  const rows = await selectProjects(call.parts.store.read)
    .where('projects.namespace_id', '=', group.id)
    .where(visibleProjects(user, call.now))
    .orderBy('projects.id', 'desc')
    .limit(mostProjects)
    .execute()
  return shapeProjects(call, rows)
}

/** gitlab `API::Entities::GroupDetail` with the projects that stand in it. */
const shownGroupEntity = groupDetailEntity
  .extend({ projects: z.array(projectEntity).optional() })
  .meta({ id: 'GroupWithProjects' })

const detailInput = z.object({ with_projects: optional(flag()) })

const get = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call)
  const { with_projects = true } = call.read(detailInput)
  const shaped = await shapeGroup(call, group)
  return ok(with_projects ? { ...shaped, projects: await projectsWithin(call, group) } : shaped)
}

const depthInput = z.object({ include_subgroups: optional(flag()) })

const projects = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call)
  const { include_subgroups } = call.read(depthInput)
  return listProjects(call, (query) =>
    include_subgroups ? query.where(atOrBelow(group.lineage)) : query.where('projects.namespace_id', '=', group.id),
  )
}

const subgroups = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call)
  return listGroups(call, (query) => query.where('parent_id', '=', group.id))
}

const descendants = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call)
  return listGroups(call, (query) => query.where(below(group.lineage)))
}

const ofMany = { input: [groupFilters], output: groupEntity, paged: true } as const

export const groupRoutes: readonly Route[] = [
  route('GET', '/groups', { ...ofMany, open: true, handler: (call) => listGroups(call) }),
  route('POST', '/groups', { input: [newGroupInput], output: groupDetailEntity, handler: create }),
  route('GET', '/groups/:id', { open: true, input: [detailInput], output: shownGroupEntity, handler: get }),
  route('PUT', '/groups/:id', { input: [groupChangeInput], output: groupDetailEntity, handler: update }),
  route('DELETE', '/groups/:id', { output: messageEntity, status: 202, handler: remove }),
  route('GET', '/groups/:id/projects', {
    open: true,
    input: [projectFilters, depthInput],
    output: projectEntity,
    paged: true,
    handler: projects,
  }),
  route('GET', '/groups/:id/subgroups', { ...ofMany, open: true, handler: subgroups }),
  route('GET', '/groups/:id/descendant_groups', { ...ofMany, open: true, handler: descendants }),
]

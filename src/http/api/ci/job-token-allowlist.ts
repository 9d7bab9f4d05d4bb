import { sql } from 'kysely'
import { z } from 'zod'
import { mayOnProject } from '../../../access/policy.ts'
import type { NamespaceId, ProjectId } from '../../../core/ids.ts'
import { isBot } from '../../../core/principal.ts'
import { type Allowed, allow, disallow } from '../../../store/ci/allowlist.ts'
import { type Namespace, namespaceById, selectNamespaces } from '../../../store/namespaces.ts'
import { noLineage, noProject } from '../../../store/nothing.ts'
import { type Project, projectById, selectProjects } from '../../../store/projects.ts'
import { type Answer, created, noContent } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { link, wholeNumber, words } from '../entity-words.ts'
import { type ApiError, badRequest, notFound } from '../errors.ts'
import { namespaceUrl } from '../groups/namespace-shape.ts'
import { numberIn, whole } from '../input.ts'
import { paginate } from '../pagination.ts'
import { basicProjectEntity } from '../projects/project-entity.ts'
import { shapeProjects } from '../projects/project-shape.ts'
import { findGroup, reachProject, standingIn } from '../reach.ts'

/** gitlab `API::Entities::BasicGroupDetails` */
const basicGroupEntity = z.object({ id: wholeNumber, web_url: link, name: words }).meta({ id: 'BasicGroupDetails' })
const projectLinkEntity = z
  .object({ source_project_id: wholeNumber, target_project_id: wholeNumber })
  .meta({ id: 'ProjectScopeLink' })
const groupLinkEntity = z.object({ source_project_id: wholeNumber, target_group_id: wholeNumber }).meta({ id: 'GroupScopeLink' })

/** The project itself comes first; it is always let in. */
const listProjects = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const query = selectProjects(call.parts.store.read)
    .where(({ or, eb, selectFrom }) =>
      or([
        eb('projects.id', '=', project.id),
        eb(
          'projects.id',
          'in',
          selectFrom('job_token_allowlist')
            .select('allowed_project_id')
            .where('job_token_allowlist.project_id', '=', project.id)
            .$castTo<{ allowed_project_id: ProjectId }>(),
        ),
      ]),
    )
    .orderBy(sql`projects.id <> ${project.id}`)
    .orderBy('projects.id')
  return paginate(call, query, (rows) => shapeProjects(call, rows, true))
}

const listGroups = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const query = selectNamespaces(call.parts.store.read)
    .where('namespaces.id', 'in', (from) =>
      from
        .selectFrom('job_token_allowlist')
        .select('allowed_group_id')
        .where('project_id', '=', project.id)
        .$castTo<{ allowed_group_id: NamespaceId }>(),
    )
    .orderBy('namespaces.id')
  return paginate(call, query, (rows) =>
    rows.map((group) => ({ id: group.id, web_url: namespaceUrl(group, call.parts.settings), name: group.name })),
  )
}

/**
 * GitLab has other words for what is there and out of sight, and so tells that it is there. Bots are answered as by
 * GitLab; people learn nothing.
 */
const outOfSight = ({ caller }: Call, what: Allowed['kind'], isThere: boolean): ApiError =>
  isThere && isBot(requireUser(caller).user)
    ? badRequest(
        `The target_${what} that you are attempting to access does not exist or you don't have permission to perform this action`,
      )
    : notFound(`target_${what}_id not found`)

const refusals = {
  there: (kind: Allowed['kind']) => badRequest(`This ${kind} is already in the job token allowlist.`),
  full: (kind: Allowed['kind']) =>
    badRequest(`Validation failed: Source project exceeds the allowable number of ${kind} links in this direction`),
} as const

const add = async (call: Call, project: Project, allowed: Allowed): Promise<void> => {
  const by = requireUser(call.caller).user.id
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => allow(transaction, project.id, allowed, by, call.now))
  if (outcome !== 'added') throw refusals[outcome](allowed.kind)
}

const tell = (
  call: Call,
  project: Project,
  target: Project | Namespace,
  kind: Allowed['kind'],
  verb: 'added' | 'removed',
): void => {
  const [word, of] = [kind === 'project' ? 'Project' : 'Group', kind === 'project' ? 'inbound list' : 'list']
  const way = verb === 'added' ? 'added to' : 'removed from'
  call.audit({
    name: `secure_ci_job_token_${kind}_${verb}`,
    entity: projectEntity(project),
    target: { type: word, id: target.id, details: target.full_path },
    message: `${word} ${target.full_path} was ${way} ${of} of allowed ${kind}s for ${project.full_path}`,
  })
}

/** What is not there is asked after as if it were: what is hidden takes as long. */
const sees = async (call: Call, target: Project | undefined): Promise<boolean> => {
  const standing = await standingIn(call, target?.lineage ?? noLineage, target?.id ?? noProject)
  return target !== undefined && mayOnProject('read_project', standing, target)
}

const newProject = z.object({ target_project_id: whole() })

const addProject = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const id = call.read(newProject).target_project_id as ProjectId
  const target = await projectById(call.parts.store.read, id)
  if (!(await sees(call, target)) || target === undefined) throw outOfSight(call, 'project', target !== undefined)
  if (target.id === project.id) throw refusals.there('project')
  await add(call, project, { kind: 'project', id })
  tell(call, project, target, 'project', 'added')
  return created({ source_project_id: project.id, target_project_id: id })
}

const newGroup = z.object({ target_group_id: whole() })

const addGroup = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const id = call.read(newGroup).target_group_id as NamespaceId
  const target = await namespaceById(call.parts.store.read, id)
  const seen = await findGroup(call, String(id), 'read_group')
  if (seen === undefined || target === undefined) throw outOfSight(call, 'group', target?.kind === 'group')
  await add(call, project, { kind: 'group', id })
  tell(call, project, target, 'group', 'added')
  return created({ source_project_id: project.id, target_group_id: id })
}

const remove = (call: Call, project: Project, allowed: Allowed): Promise<boolean> =>
  call.parts.store.write.transaction().execute((transaction) => disallow(transaction, project.id, allowed))

/** What stands on the list can be taken from it, also where it is out of sight by now. */
const removeProject = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const id = numberIn(call.word('target_project_id'), 'target_project_id') as ProjectId
  const target = await projectById(call.parts.store.read, id)
  if (target?.id === project.id) throw badRequest('Source project cannot be removed from the job token scope')
  if (!(await remove(call, project, { kind: 'project', id })) || target === undefined) {
    throw (await sees(call, target)) ? badRequest('Target project is not in the job token scope') : notFound('Project')
  }
  tell(call, project, target, 'project', 'removed')
  return noContent
}

const removeGroup = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_project')
  const id = numberIn(call.word('target_group_id'), 'target_group_id') as NamespaceId
  const target = await namespaceById(call.parts.store.read, id)
  if (!(await remove(call, project, { kind: 'group', id })) || target?.kind !== 'group') {
    const seen = await findGroup(call, String(id), 'read_group')
    const isTold = seen !== undefined || (target?.kind === 'group' && isBot(requireUser(call.caller).user))
    throw isTold ? badRequest('Target group is not in the job token scope') : notFound('target_group_id not found')
  }
  tell(call, project, target, 'group', 'removed')
  return noContent
}

const at = '/projects/:id/job_token_scope'

/** Which projects and groups may reach a project by job token (gitlab `lib/api/project_job_token_scope.rb`). */
export const jobTokenAllowlistRoutes: readonly Route[] = [
  route('GET', `${at}/allowlist`, { output: basicProjectEntity, paged: true, handler: listProjects }),
  route('POST', `${at}/allowlist`, { input: [newProject], output: projectLinkEntity, handler: addProject }),
  route('DELETE', `${at}/allowlist/:target_project_id`, { handler: removeProject }),
  route('GET', `${at}/groups_allowlist`, { output: basicGroupEntity, paged: true, handler: listGroups }),
  route('POST', `${at}/groups_allowlist`, { input: [newGroup], output: groupLinkEntity, handler: addGroup }),
  route('DELETE', `${at}/groups_allowlist/:target_group_id`, { handler: removeGroup }),
]

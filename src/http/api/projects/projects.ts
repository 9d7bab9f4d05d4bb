import { z } from 'zod'
import { mayOnProject, projectVisibilityProblem, restrictedProblem } from '../../../access/policy.ts'
import { readCiSettings } from '../../../store/ci/settings.ts'
import { namespaceById, namespaceOfUser } from '../../../store/namespaces.ts'
import { deleteProject, type Project, type ProjectChange, projectById, updateProject } from '../../../store/projects.ts'
import { readSetting } from '../../../store/settings.ts'
import { findUser } from '../../../store/users.ts'
import { type Answer, accepted, created, ok } from '../answer.ts'
import { aboutProject, changesOf } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { messageEntity } from '../entity-words.ts'
import { forbidden, notFound, validation } from '../errors.ts'
import { refuseModified } from '../precondition.ts'
import { type ReachedProject, reachProject } from '../reach.ts'
import { auditCiSettings, ciFields, refuseCiSettings, saveCiSettings } from './project-ci-settings.ts'
import { createForUser, createOwn } from './project-create.ts'
import { projectEntity } from './project-entity.ts'
import {
  imageAccessIn,
  newProjectInput,
  pathTaken,
  projectFields,
  refuseBranchName,
  refuseNames,
  refuseProblems,
  transferInput,
  visibilityUnfit,
} from './project-input.ts'
import { listProjects, projectFilters } from './project-list.ts'
import { shapeProject } from './project-shape.ts'
import { transfer } from './project-transfer.ts'

const changeNames = [
  ['name', 'project_name_updated'],
  ['full_path', 'project_path_updated'],
  ['visibility', 'project_visibility_level_updated'],
  ['default_branch', 'project_default_branch_updated'],
  ['repository_access_level', 'project_feature_repository_access_level_updated'],
  ['container_registry_access_level', 'project_feature_container_registry_access_level_updated'],
  ['namespace_id', 'project_namespace_updated'],
] as const

/** The project as it is now, after a change of which the audit is told. */
const current = async (call: Call, { project }: ReachedProject): Promise<unknown> => {
  const now = await projectById(call.parts.store.read, project.id)
  if (now === undefined) throw notFound('Project')
  call.audit(...changesOf(project, now, changeNames, aboutProject(now)))
  return shapeProject(call, now)
}

const get = async (call: Call): Promise<Answer> => ok(await shapeProject(call, (await reachProject(call)).project))

const changeInput = z.object({ ...projectFields, ...ciFields })

type ChangeInput = Omit<z.output<typeof changeInput>, 'default_branch'>

const ownColumns = (input: ChangeInput) => ({
  name: input.name,
  path: input.path,
  description: input.description,
  visibility: input.visibility,
  repository_access_level: input.repository_access_level,
  container_registry_access_level: imageAccessIn(input),
})

/** Owners alone say who may see a project, even if it is what it was; a group's visibility bounds it. */
const refuseVisibility = async (call: Call, { project, standing }: ReachedProject, asked: Project['visibility']) => {
  if (!mayOnProject('change_visibility', standing, project)) throw forbidden()
  if (asked === project.visibility) return
  const restricted = await readSetting(call.parts.store.read, 'restricted_visibility_levels')
  refuseProblems({ visibility_level: restrictedProblem(requireUser(call.caller).user, asked, restricted) })
  const namespace = await namespaceById(call.parts.store.read, project.namespace_id)
  if (namespace?.kind !== 'group') return
  refuseProblems({ visibility_level: projectVisibilityProblem(asked, namespace.visibility) })
}

interface HeadChange {
  readonly columns: Pick<ProjectChange, 'default_branch' | 'initial_branch'>
  /** What `HEAD` is to name; undefined where it stays. */
  readonly head: string | undefined
}

/** The branch must be there. In an empty repository it is the one that is to come. */
const planHead = async (call: Call, project: Project, branch: string | undefined): Promise<HeadChange> => {
  refuseBranchName(branch)
  if (branch === undefined || branch === (project.default_branch ?? project.initial_branch))
    return { columns: {}, head: undefined }
  const refs = await call.parts.repositories.refs(project.id)
  if (project.default_branch === null && refs.size === 0) return { columns: { initial_branch: branch }, head: branch }
  if (refs.has(`refs/heads/${branch}`)) return { columns: { default_branch: branch }, head: branch }
  throw validation({ base: [`Could not change HEAD: branch '${branch}' does not exist`] })
}

/** Rows and `HEAD` together: where `HEAD` cannot be set, the rows stay as they were. */
const save = (call: Call, { id }: Project, change: ProjectChange, head: string | undefined, input: ChangeInput) =>
  call.parts.store.write.transaction().execute(async (transaction) => {
    const outcome = await updateProject(transaction, id, change, call.now)
    if (outcome !== 'updated') return outcome
    await saveCiSettings(transaction, id, input)
    if (head !== undefined) await call.parts.repositories.setHead(id, head)
    return outcome
  })

const update = async (call: Call): Promise<Answer> => {
  const reached = await reachProject(call, 'admin_project')
  const { default_branch, ...input } = call.read(changeInput)
  refuseNames(input.name, input.path)
  refuseCiSettings(input)
  const ciBefore = await readCiSettings(call.parts.store.read, reached.project.id)
  if (input.visibility !== undefined) await refuseVisibility(call, reached, input.visibility)
  const { columns, head } = await planHead(call, reached.project, default_branch)
  const given = Object.fromEntries(
    Object.entries({ ...ownColumns(input), ...columns }).filter(([, value]) => value !== undefined),
  )
  const outcome = await save(call, reached.project, given, head, input)
  if (outcome === 'taken') throw pathTaken()
  if (outcome === 'too-visible') throw visibilityUnfit()
  await auditCiSettings(call, reached.project, ciBefore)
  return ok(await current(call, reached))
}

const remove = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'remove_project')
  refuseModified(call, project.updated_at)
  await deleteProject(call.parts.store, project.id, call.parts.repositories)
  call.audit({ name: 'project_destroyed', ...aboutProject(project), message: 'Removed project' })
  return accepted()
}

const archive =
  (archived: 0 | 1) =>
  async (call: Call): Promise<Answer> => {
    const reached = await reachProject(call, 'archive_project')
    await call.parts.store.write
      .transaction()
      .execute((transaction) => updateProject(transaction, reached.project.id, { archived }, call.now))
    const name = archived === 1 ? 'project_archived' : 'project_unarchived'
    const message = archived === 1 ? 'Project archived' : 'Project unarchived'
    if (archived !== reached.project.archived) call.audit({ name, ...aboutProject(reached.project), message })
    return created(await current(call, reached))
  }

const move = async (call: Call): Promise<Answer> => {
  const reached = await reachProject(call, 'transfer_project')
  await transfer(call, reached)
  return ok(await current(call, reached))
}

/** `GET /users/:user_id/projects`: those in the user's own namespace that the caller may see. */
const ofUser = async (call: Call): Promise<Answer> => {
  const { read } = call.parts.store
  const user = await findUser(read, call.word('user_id'))
  if (user === undefined) throw notFound('User')
  const own = await namespaceOfUser(read, user.id)
  return listProjects(call, (query) => query.where('projects.namespace_id', '=', own?.id ?? null))
}

const ofMany = { input: [projectFilters], output: projectEntity, paged: true } as const

export const projectRoutes: readonly Route[] = [
  route('GET', '/projects', { ...ofMany, open: true, handler: (call) => listProjects(call) }),
  route('POST', '/projects', { input: [newProjectInput], output: projectEntity, handler: createOwn }),
  route('POST', '/projects/user/:user_id', {
    summary: 'Create project of a user',
    input: [newProjectInput],
    output: projectEntity,
    handler: createForUser,
  }),
  route('GET', '/projects/:id', { open: true, output: projectEntity, handler: get }),
  route('PUT', '/projects/:id', { input: [changeInput], output: projectEntity, handler: update }),
  route('DELETE', '/projects/:id', { output: messageEntity, status: 202, handler: remove }),
  route('POST', '/projects/:id/archive', { output: projectEntity, handler: archive(1) }),
  route('POST', '/projects/:id/unarchive', { output: projectEntity, handler: archive(0) }),
  route('PUT', '/projects/:id/transfer', { input: [transferInput], output: projectEntity, handler: move }),
  route('GET', '/users/:user_id/projects', { ...ofMany, open: true, handler: ofUser }),
]

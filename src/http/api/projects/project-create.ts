import type { z } from 'zod'
import { projectsLimitText, projectVisibilityProblem, restrictedProblem } from '../../../access/policy.ts'
import { pathFromName } from '../../../access/project-path.ts'
import { createsProjects } from '../../../access/rules/creation.ts'
import type { UserId } from '../../../core/ids.ts'
import { fitsInside, type Visibility } from '../../../core/visibility.ts'
import { type Namespace, namespaceOfUser } from '../../../store/namespaces.ts'
import { createProject, type NewProject } from '../../../store/projects.ts'
import { standardShield } from '../../../store/push-shield.ts'
import { type ApplicationSettings, readApplicationSettings } from '../../../store/settings.ts'
import { type Account, userById } from '../../../store/users.ts'
import { type Answer, created } from '../answer.ts'
import { aboutProject } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { ApiError, notFound, parameterError, validation } from '../errors.ts'
import { refuseLiveTokens } from '../live-tokens.ts'
import { findNamespace, type ReachedGroup, standingIn } from '../reach.ts'
import {
  imageAccessIn,
  newProjectInput,
  pathTaken,
  refuseAbsentWays,
  refuseBranchName,
  refuseNames,
  refuseProblems,
  visibilityUnfit,
} from './project-input.ts'
import { readmeCommit } from './project-readme.ts'
import { shapeProject } from './project-shape.ts'

type Input = z.infer<typeof newProjectInput>

const invalidNamespace = (): ApiError => validation({ namespace: ['is not valid'] })

const limitReached = (limit: number): ApiError =>
  new ApiError(403, { message: [projectsLimitText(limit)] }, { log: { 'meta.refusal_reason': 'projects_limit' } })

/** The namespace that was asked for, else the creator's own. */
const placeFor = async (call: Call, input: Input, creator: Account): Promise<ReachedGroup> => {
  if (input.namespace_id !== undefined) {
    const found = await findNamespace(call, String(input.namespace_id))
    if (found === undefined) throw invalidNamespace()
    return found
  }
  const own = await namespaceOfUser(call.parts.store.read, creator.id)
  if (own === undefined) throw invalidNamespace()
  return { group: own, standing: await standingIn(call, own.lineage, undefined) }
}

export const creationPlace = (namespace: Namespace) =>
  namespace.kind === 'user'
    ? ({ kind: 'user', ownerId: namespace.owner_id ?? undefined } as const)
    : ({ kind: 'group', level: namespace.project_creation_level } as const)

const visibilityFor = (asked: Visibility | undefined, namespace: Namespace, settings: ApplicationSettings): Visibility => {
  const isGroup = namespace.kind === 'group'
  if (asked !== undefined) {
    if (isGroup) refuseProblems({ visibility_level: projectVisibilityProblem(asked, namespace.visibility) })
    return asked
  }
  const usual = settings.default_project_visibility
  return isGroup && !fitsInside(usual, namespace.visibility) ? namespace.visibility : usual
}

/** The whole new project, checked. */
const planProject = async (call: Call, input: Input, creator: Account): Promise<NewProject> => {
  const name = input.name ?? input.path
  if (name === undefined) throw parameterError('name, path are missing, at least one parameter must be provided')
  refuseAbsentWays(input)
  const path = input.path ?? pathFromName(name)
  refuseNames(name, path)
  refuseBranchName(input.default_branch)
  const place = await placeFor(call, input, creator)
  const { user } = requireUser(call.caller)
  if (!createsProjects(user, place.standing.role, creationPlace(place.group))) throw invalidNamespace()
  const settings = await readApplicationSettings(call.parts.store.read)
  const visibility = visibilityFor(input.visibility, place.group, settings)
  refuseProblems({ visibility_level: restrictedProblem(user, visibility, settings.restricted_visibility_levels) })
  const { description = '' } = input
  const branch = input.default_branch ?? settings.default_branch_name
  const fullPath = `${place.group.full_path}/${path}`
  return {
    namespaceId: place.group.id,
    creator: creator.id,
    name,
    path,
    description,
    visibility,
    repository_access_level: input.repository_access_level ?? 'enabled',
    container_registry_access_level: imageAccessIn(input) ?? 'enabled',
    initial_branch: branch,
    ...(input.initialize_with_readme && { firstCommit: readmeCommit(call, creator, { name, description, fullPath, branch }) }),
  }
}

const create = async (call: Call, creator: Account, input: Input): Promise<Answer> => {
  const { store, repositories } = call.parts
  const plan = await planProject(call, input, creator)
  if (plan.firstCommit !== undefined) await refuseLiveTokens(call, standardShield, plan.firstCommit.content)
  const project = await createProject(store, plan, repositories, call.now)
  if (project === 'taken') throw pathTaken()
  if (project === 'too-visible') throw visibilityUnfit()
  if (project === 'namespace-gone') throw invalidNamespace()
  if (project === 'no-room') throw limitReached(creator.projects_limit)
  call.audit({ name: 'project_created', ...aboutProject(project), message: 'Added project' })
  return created(await shapeProject(call, project))
}

/** `POST /projects` */
export const createOwn = (call: Call): Promise<Answer> =>
  create(call, requireUser(call.caller).account, call.read(newProjectInput))

/** `POST /projects/user/:user_id`: an administrator makes a project in a user's own namespace. */
export const createForUser = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const word = call.word('user_id')
  const creator = /^\d{1,15}$/.test(word) ? await userById(call.parts.store.read, Number(word) as UserId) : undefined
  if (creator === undefined) throw notFound('User')
  return create(call, creator, { ...call.read(newProjectInput), namespace_id: undefined })
}

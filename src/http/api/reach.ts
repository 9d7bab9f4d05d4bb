import { type GroupAbility, mayOnGroup, mayOnProject, type ProjectAbility, type Standing } from '../../access/policy.ts'
import { notListedText } from '../../access/refuse.ts'
import type { ProjectId } from '../../core/ids.ts'
import { jobReach } from '../../store/ci/allowlist.ts'
import { lineageIds, type Namespace, findNamespace as storedNamespace } from '../../store/namespaces.ts'
import { noLineage, noNamespace, noProject } from '../../store/nothing.ts'
import { findProject, type Project } from '../../store/projects.ts'
import { roleIn } from '../../store/roles.ts'
import { isMemberBelow } from '../../store/visible.ts'
import type { Call } from './call.ts'
import { userOf } from './caller.ts'
import { ApiError, forbidden, notFound } from './errors.ts'
import { publicAddress } from './page-address.ts'

/** A project that the caller may see, and what the caller is to it. */
export interface ReachedProject {
  readonly project: Project
  readonly standing: Standing
}

export interface ReachedGroup {
  readonly group: Namespace
  readonly standing: Standing
}

/** What the caller is to a project or group, by the namespaces above it. */
export const standingIn = async (call: Call, lineage: string, project: ProjectId | undefined): Promise<Standing> => {
  const user = userOf(call.caller)
  if (user === undefined) return { user, role: 0 }
  return { user, role: await roleIn(call.parts.store.read, user.id, { namespaces: lineageIds(lineage), project }, call.now) }
}

/** The same address with the project's number in place of its old path. */
const addressById = (call: Call, id: ProjectId): string =>
  publicAddress(call, {}).replace(/(\/api\/v4\/projects\/)[^/?]+/, `$1${id}`)

/** Asked after as if it were there: what is hidden takes as long as what is not there. */
const absentProject = async (call: Call): Promise<ApiError> => {
  await standingIn(call, noLineage, noProject)
  return notFound('Project')
}

/** A project asked for by a path that it no longer has (gitlab `lib/api/helpers.rb`, `user_project`). */
const moved = (call: Call, id: ProjectId): ApiError => {
  if (call.method !== 'GET' && call.method !== 'HEAD') {
    return new ApiError(405, { message: 'Non GET methods are not allowed for moved projects' })
  }
  const address = addressById(call, id)
  return new ApiError(301, { message: '301 Moved Permanently' }, { headers: { Location: address } })
}

/** A job to which a project is not open has no role in it, whatever its user is there (gitlab `project_policy.rb`). */
const standingOfCaller = async (call: Call, project: Project): Promise<Standing> => {
  const standing = await standingIn(call, project.lineage, project.id)
  if (call.caller.kind !== 'job') return standing
  const { listed } = await jobReach(call.parts.store.read, project.id, call.caller.home)
  return listed ? standing : { ...standing, role: 0 }
}

/** A job is told that there is a project (gitlab `handle_job_token_failure!`), by the number alone. */
const outOfSight = ({ caller }: Call, { id }: Project): ApiError =>
  caller.kind === 'job' ? forbidden(notListedText(caller.home, id), 'job_token_not_listed') : notFound('Project')

/**
 * The project that `:id` names, by number or path. Throws 404 where the caller may not know of it, 301 or 405 where it
 * has moved, and 403 where the caller's role is too low for what is asked.
 */
export const reachProject = async (call: Call, ability: ProjectAbility = 'read_project'): Promise<ReachedProject> => {
  const found = await findProject(call.parts.store.read, call.word('id'))
  if (found === undefined) throw await absentProject(call)
  const { project } = found
  const standing = await standingOfCaller(call, project)
  if (!mayOnProject('read_project', standing, project)) throw outOfSight(call, project)
  if (found.moved) throw moved(call, project.id)
  if (!mayOnProject(ability, standing, project)) throw forbidden()
  return { project, standing }
}

/** The group that a number or path names, and whether the caller may do this to it; undefined where it may not know of it. */
export const findGroup = async (
  call: Call,
  idOrPath: string,
  ability: GroupAbility,
): Promise<(ReachedGroup & { readonly allowed: boolean }) | undefined> => {
  const { read } = call.parts.store
  const found = await storedNamespace(read, idOrPath)
  const group = found?.kind === 'group' ? found : undefined
  // What is not there is asked after as if it were: what is hidden takes as long.
  const standing = await standingIn(call, group?.lineage ?? noLineage, undefined)
  const isBelow = async () =>
    standing.user !== undefined && (await isMemberBelow(read, standing.user.id, group?.id ?? noNamespace, call.now))
  const visible = (group !== undefined && mayOnGroup('read_group', standing, group, false)) || (await isBelow())
  if (group === undefined || !visible) return undefined
  return { group, standing, allowed: mayOnGroup(ability, standing, group, visible) }
}

/** The group that `:id` names. Throws 404 where the caller may not know of it, 403 where its role is too low. */
export const reachGroup = async (call: Call, ability: GroupAbility = 'read_group'): Promise<ReachedGroup> => {
  const found = await findGroup(call, call.word('id'), ability)
  if (found === undefined) throw notFound('Group')
  if (!found.allowed) throw forbidden()
  return found
}

/** A namespace in which something may be made or to which it may be moved; undefined where the caller may not know of it. */
export const findNamespace = async (call: Call, idOrPath: string): Promise<ReachedGroup | undefined> => {
  const namespace = await storedNamespace(call.parts.store.read, idOrPath)
  if (namespace?.kind !== 'user') return findGroup(call, String(namespace?.id ?? noNamespace), 'read_group')
  const standing = await standingIn(call, namespace.lineage, undefined)
  const own = standing.user?.isAdmin === true || (standing.user !== undefined && namespace.owner_id === standing.user.id)
  return own ? { group: namespace, standing } : undefined
}

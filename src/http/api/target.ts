import { userSees } from '../../access/rules/visibility.ts'
import { accessLevels } from '../../core/access-level.ts'
import { dayOf } from '../../core/clock.ts'
import type { ProjectId, UserId } from '../../core/ids.ts'
import type { Role } from '../../core/project.ts'
import { findNamespace, lineageIds, type Namespace } from '../../store/namespaces.ts'
import { type Project, projectById, projectByPath } from '../../store/projects.ts'
import { roleIn } from '../../store/roles.ts'
import type { Reader } from '../../store/routes.ts'
import type { Call } from './call.ts'
import { ApiError, forbidden, notFound } from './errors.ts'
import { publicAddress } from './pagination.ts'

/** What a caller is to a project or group that it may see. Administrators are Owners everywhere. */
export interface Standing {
  readonly role: Role
  readonly isAdmin: boolean
}

export interface ProjectTarget extends Standing {
  readonly kind: 'project'
  readonly project: Project
}

export interface GroupTarget extends Standing {
  readonly kind: 'group'
  readonly group: Namespace
}

const numeric = /^\d{1,15}$/

/** By number or by full path; a bare name is never found. */
const locate = async (reader: Reader, idOrPath: string): Promise<{ project: Project; moved: boolean } | undefined> => {
  if (numeric.test(idOrPath)) {
    const project = await projectById(reader, Number(idOrPath) as ProjectId)
    return project && { project, moved: false }
  }
  return idOrPath.includes('/') ? projectByPath(reader, idOrPath) : undefined
}

const standingIn = async (call: Call, lineage: string, project: ProjectId | undefined): Promise<Standing> => {
  if (call.caller.kind === 'anonymous') return { role: accessLevels.noAccess, isAdmin: false }
  if (call.caller.isAdmin) return { role: accessLevels.owner, isAdmin: true }
  const place = { namespaces: lineageIds(lineage), project }
  return { role: await roleIn(call.parts.store.read, call.caller.user.id, place, call.now), isAdmin: false }
}

const sees = (call: Call, role: Role, thing: Pick<Project, 'visibility'>): boolean =>
  call.caller.kind === 'anonymous' ? thing.visibility === 'public' : userSees(call.caller.user, role, thing)

/** An old path: readers are sent to the number, writers are refused (gitlab `lib/api/helpers.rb`, `find_project!`). */
const movedTo = (call: Call, project: Project): ApiError => {
  if (call.method !== 'GET' && call.method !== 'HEAD') {
    return new ApiError(405, { message: 'Non GET methods are not allowed for moved projects' })
  }
  const address = publicAddress(call, {}).replace(/(\/projects\/)[^/?]+/, `$1${project.id}`)
  return new ApiError(301, { message: '301 Moved Permanently' }, { headers: { Location: address } })
}

/** The project of the path's `:id`, if the caller may see it. Throws 404, and 301 or 405 for an old path. */
export const projectOf = async (call: Call, word = 'id'): Promise<ProjectTarget> => {
  const found = await locate(call.parts.store.read, call.word(word))
  if (found === undefined) throw notFound('Project')
  const standing = await standingIn(call, found.project.lineage, found.project.id)
  if (!sees(call, standing.role, found.project)) throw notFound('Project')
  if (found.moved) throw movedTo(call, found.project)
  return { kind: 'project', project: found.project, ...standing }
}

/** A member of anything below a private group sees the group itself. */
const belongsBelow = async (reader: Reader, user: UserId, group: Namespace, now: number): Promise<boolean> => {
  const row = await reader
    .selectFrom('members')
    .leftJoin('projects', 'projects.id', 'members.project_id')
    .innerJoin('namespaces', (join) =>
      join.on((on) =>
        on.or([
          on('namespaces.id', '=', on.ref('members.namespace_id')),
          on('namespaces.id', '=', on.ref('projects.namespace_id')),
        ]),
      ),
    )
    .where('members.user_id', '=', user)
    .where('access_level', '>=', accessLevels.guest)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', dayOf(now))]))
    .where('lineage', '>=', group.lineage)
    .where('lineage', '<', `${group.lineage}:`)
    .select('members.id')
    .executeTakeFirst()
  return row !== undefined
}

/** The group of the path's `:id`, if the caller may see it. Throws 404. */
export const groupOf = async (call: Call, word = 'id'): Promise<GroupTarget> => {
  const { read } = call.parts.store
  const group = await findNamespace(read, call.word(word))
  if (group?.kind !== 'group') throw notFound('Group')
  const standing = await standingIn(call, group.lineage, undefined)
  const visible =
    sees(call, standing.role, group) ||
    (call.caller.kind === 'user' && (await belongsBelow(read, call.caller.user.id, group, call.now)))
  if (!visible) throw notFound('Group')
  return { kind: 'group', group, ...standing }
}

/** Throws 403 unless the caller's role suffices. */
export const requireRole = (target: Standing, least: Role): void => {
  if (target.role < least) throw forbidden()
}

import type { KeyId, NamespaceId, UserId } from '../../../core/ids.ts'
import { lineageIds } from '../../../store/namespaces.ts'
import type { Project } from '../../../store/projects.ts'
import { type Admits, mostProtectedRefs } from '../../../store/protected-refs.ts'
import { roleIn } from '../../../store/roles.ts'
import type { Call } from '../call.ts'
import { type ApiError, unprocessable } from '../errors.ts'

/** Most rows of one protected branch: every push to it compares its user with all of them. */
const mostRows = 300

/** @param what `protected branches` or `protected tags` */
export const tooMany = (what: string): ApiError => unprocessable([`Project cannot have more than ${mostProtectedRefs} ${what}`])

/** Throws GitLab's 422 for a branch or tag without a name. */
export const refuseBlank = (name: string): void => {
  if (name.trim() === '') throw unprocessable(["Name can't be blank"])
}

/** Throws 422 where a protected branch or tag would have more rows than are allowed. */
export const refuseTooManyRows = (count: number): void => {
  if (count > mostRows) throw unprocessable([`Access levels are too many (maximum is ${mostRows})`])
}

const isMember = async (call: Call, project: Project, user: UserId): Promise<boolean> =>
  (await roleIn(call.parts.store.read, user, { namespaces: lineageIds(project.lineage), project: project.id }, call.now)) > 0

const keyMayPush = async (call: Call, project: Project, key: KeyId): Promise<boolean> => {
  const row = await call.parts.store.read
    .selectFrom('deploy_key_projects')
    .select('can_push')
    .where('key_id', '=', key)
    .where('project_id', '=', project.id)
    .executeTakeFirst()
  return row?.can_push === 1
}

const reaches = (project: Project, group: NamespaceId): boolean => lineageIds(project.lineage).includes(group)

const problemOf = async (call: Call, project: Project, admits: Admits): Promise<string | undefined> => {
  if ('user_id' in admits) {
    return (await isMember(call, project, admits.user_id)) ? undefined : 'User is not a member of the project'
  }
  if ('group_id' in admits) return reaches(project, admits.group_id) ? undefined : 'Group does not have access to the project'
  if ('deploy_key_id' in admits) {
    return (await keyMayPush(call, project, admits.deploy_key_id)) ? undefined : 'Deploy key is not enabled for this project'
  }
  return undefined
}

/** Whom a row names must have to do with the project: its member, a group above it, a deploy key that may write to it. */
export const refuseStrangers = async (call: Call, project: Project, rows: readonly Admits[]): Promise<void> => {
  const problems = new Set<string>()
  for (const row of rows) {
    const problem = await problemOf(call, project, row)
    if (problem !== undefined) problems.add(problem)
  }
  if (problems.size > 0) throw unprocessable([...problems])
}

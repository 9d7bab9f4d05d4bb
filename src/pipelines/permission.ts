import { ProtectedRefs } from '../access/rules/ref-rules.ts'
import type { Authenticated } from '../core/credential.ts'
import type { UserId } from '../core/ids.ts'
import type { User } from '../core/principal.ts'
import { fullAbilities } from '../core/scope.ts'
import { readCiSettings } from '../store/ci/settings.ts'
import { lineageIds } from '../store/namespaces.ts'
import type { Project } from '../store/projects.ts'
import { roleIn } from '../store/roles.ts'
import type { Reader } from '../store/routes.ts'
import { readRules } from '../store/rules.ts'
import { toUser } from '../store/user-row.ts'
import { userById } from '../store/users.ts'
import type { CreateParts } from './create-request.ts'

export interface Ref {
  readonly name: string
  readonly tag: boolean
}

/** A user as the rules of repositories see it who does something by more than a token of one scope. */
export const wholeUser = (user: User): Authenticated => ({
  principal: { kind: 'user', user },
  credential: undefined,
  abilities: fullAbilities,
})

export const freshUser = async (reader: Reader, id: UserId, now: number): Promise<User | undefined> => {
  const row = await userById(reader, id)
  return row && toUser(row, now)
}

/** What the rules say of one ref for one user: whether they protect it, and whether the user may write there. */
export const refStanding = async (
  reader: Reader,
  { project, user, ref }: { readonly project: Project; readonly user: User; readonly ref: Ref },
  now: number,
): Promise<{ readonly protected: boolean; readonly writes: boolean }> => {
  const role = await roleIn(reader, user.id, { namespaces: lineageIds(project.lineage), project: project.id }, now)
  const rules = new ProtectedRefs(await readRules(reader, project.id, now), { user, role, pushes: true, origin: 'api' })
  const found = rules.of(ref.tag ? 'tag' : 'branch', ref.name)
  if (found === undefined) return { protected: false, writes: true }
  if (found === 'too-much') return { protected: true, writes: false }
  return { protected: true, writes: ref.tag ? found.creates : found.pushes || found.merges }
}

/** Why this user may run no pipeline here (gitlab `lib/gitlab/ci/pipeline/chain/validate/abilities.rb`). */
export const refusalToRun = async (
  { store, code }: Pick<CreateParts, 'store' | 'code'>,
  asked: { readonly project: Project; readonly user: User | undefined; readonly ref: Ref },
  now: number,
): Promise<string | undefined> => {
  const { project, user, ref } = asked
  const { jobs_enabled } = await readCiSettings(store.read, project.id)
  if (jobs_enabled === 0) return 'Pipelines are disabled!'
  const refused = user === undefined || (await code.gate.refusalToPush(wholeUser(user), project)) !== undefined
  if (refused) return 'Insufficient permissions to create a new pipeline'
  const { writes } = await refStanding(store.read, { project, user, ref }, now)
  if (writes) return undefined
  return `You do not have sufficient permission to run a pipeline on '${ref.name}'. Please select a different branch or contact your administrator for assistance.`
}

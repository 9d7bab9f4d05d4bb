import { z } from 'zod'
import type { RunnerId } from '../../../core/ids.ts'
import { Secret } from '../../../core/secret.ts'
import { contactState, contactStates, contactsOf, lastContacts, type RunnerContact } from '../../../store/ci/contacts.ts'
import { projectsOfRunner, type RunnerRow, runnerTypes } from '../../../store/ci/runners.ts'
import { namespaceById } from '../../../store/namespaces.ts'
import { selectProjects } from '../../../store/projects.ts'
import { visibleProjects } from '../../../store/visible.ts'
import type { Call } from '../call.ts'
import { link, maybeMoment, maybeNumber, maybeWords, momentWords, nothing, wholeNumber, words, yesNo } from '../entity-words.ts'
import { namespacesAbove } from '../groups/namespace-shape.ts'
import { projectIdentityEntity, projectIdentityShape } from '../projects/project-identity.ts'
import { webUrl } from '../urls.ts'
import { briefUsers, type UserBrief, userBriefEntity } from '../users/user-brief.ts'

/** gitlab `API::Entities::Ci::Runner`. */
export const runnerEntity = z
  .object({
    id: wholeNumber,
    description: words,
    ip_address: nothing,
    active: yesNo,
    paused: yesNo,
    is_shared: yesNo,
    runner_type: z.enum(runnerTypes),
    name: nothing,
    online: yesNo.nullable(),
    created_by: userBriefEntity.optional(),
    created_at: momentWords,
    status: z.enum([...contactStates, 'paused']),
    job_execution_status: z.enum(['active', 'idle']),
  })
  .meta({ id: 'Runner' })

/** gitlab `API::Entities::Ci::RunnerDetails`. */
export const runnerDetailEntity = runnerEntity
  .extend({
    tag_list: z.array(words),
    run_untagged: yesNo,
    locked: yesNo,
    maximum_timeout: maybeNumber,
    access_level: z.enum(['not_protected', 'ref_protected']),
    version: maybeWords,
    revision: maybeWords,
    platform: maybeWords,
    architecture: maybeWords,
    contacted_at: maybeMoment,
    maintenance_note: maybeWords,
    projects: z.array(projectIdentityEntity),
    groups: z.array(z.object({ id: wholeNumber, web_url: link, name: words })),
  })
  .meta({ id: 'RunnerDetails' })

/** gitlab `API::Entities::Ci::RunnerManager`. */
export const managerEntity = z
  .object({
    id: wholeNumber,
    system_id: words,
    version: maybeWords,
    revision: maybeWords,
    platform: maybeWords,
    architecture: maybeWords,
    created_at: momentWords,
    contacted_at: momentWords,
    ip_address: maybeWords,
    status: z.enum(contactStates),
    job_execution_status: z.enum(['active', 'idle']),
  })
  .meta({ id: 'RunnerManager' })

/** The answer that makes or replaces a token, and the one that says that it is good. */
export const runnerTokenEntity = z
  .object({ id: wholeNumber, token: words, token_expires_at: maybeMoment })
  .meta({ id: 'RunnerRegistrationDetails' })
export const resetTokenEntity = z.object({ token: words, token_expires_at: maybeMoment }).meta({ id: 'ResetTokenResult' })

/** Shows a runner's token: to whoever makes it, or showed it already. */
export const runnerTokenShape = (
  { id, token_expires_at }: Pick<RunnerRow, 'id' | 'token_expires_at'>,
  token: Secret,
): z.output<typeof runnerTokenEntity> => ({ id, token: Secret.open(token), token_expires_at })

export const resetTokenShape = (token: Secret): z.output<typeof resetTokenEntity> => ({
  token: Secret.open(token),
  token_expires_at: null,
})

const busyRunners = async (call: Call, ids: readonly RunnerId[]): Promise<ReadonlySet<RunnerId>> => {
  const rows = await call.parts.store.read
    .selectFrom('jobs')
    .select('runner_id')
    .where('runner_id', 'in', [...ids])
    .where('status', 'in', ['running', 'canceling'])
    .distinct()
    .execute()
  return new Set(rows.flatMap(({ runner_id }) => runner_id ?? []))
}

interface Known {
  readonly lastContact: string | undefined
  readonly isBusy: boolean
  readonly creator: UserBrief | undefined
}

const shapeOf = (row: RunnerRow, { lastContact, isBusy, creator }: Known, now: number): z.output<typeof runnerEntity> => {
  const state = contactState(row, lastContact, now)
  const isPaused = row.paused === 1
  return {
    id: row.id,
    description: row.description,
    ip_address: null,
    active: !isPaused,
    paused: isPaused,
    is_shared: row.runner_type === 'instance_type',
    runner_type: row.runner_type,
    name: null,
    online: lastContact === undefined ? null : state === 'online',
    ...(creator !== undefined && { created_by: creator }),
    created_at: row.created_at,
    status: isPaused && (state === 'online' || state === 'offline') ? 'paused' : state,
    job_execution_status: isBusy ? 'active' : 'idle',
  }
}

export const shapeRunners = async (call: Call, rows: readonly RunnerRow[]): Promise<z.output<typeof runnerEntity>[]> => {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const makers = rows.flatMap(({ creator_id }) => creator_id ?? [])
  const [contacts, busy, creators] = await Promise.all([
    lastContacts(call.parts.store.read, ids),
    busyRunners(call, ids),
    briefUsers(call, makers),
  ])
  return rows.map((row) => {
    const creator = row.creator_id === null ? undefined : creators.get(row.creator_id)
    return shapeOf(row, { lastContact: contacts.get(row.id), isBusy: busy.has(row.id), creator }, call.now)
  })
}

/** Those of its projects that the caller may know of. */
const projectsFor = async (call: Call, row: RunnerRow) => {
  const user = call.caller.kind === 'user' ? call.caller.user : undefined
  const ids = await projectsOfRunner(call.parts.store.read, row.id)
  if (ids.length === 0) return []
  const projects = await selectProjects(call.parts.store.read)
    .where('projects.id', 'in', [...ids])
    .where(visibleProjects(user, call.now))
    .orderBy('projects.id')
    .execute()
  const above = await namespacesAbove(call.parts.store.read, projects)
  return projects.map((project) => projectIdentityShape(project, above))
}

const groupsFor = async (call: Call, { group_id }: RunnerRow) => {
  const group = group_id === null ? undefined : await namespaceById(call.parts.store.read, group_id)
  const address = (path: string): string => webUrl(call.parts.settings, `groups/${path}`)
  return group === undefined ? [] : [{ id: group.id, web_url: address(group.full_path), name: group.name }]
}

const machineOf = (machine: RunnerContact | undefined) => ({
  version: machine?.version ?? null,
  revision: machine?.revision ?? null,
  platform: machine?.platform ?? null,
  architecture: machine?.architecture ?? null,
  contacted_at: machine?.contacted_at ?? null,
})

/** @param administers whether the caller may change the runner: only then is its note shown */
export const shapeRunnerDetails = async (
  call: Call,
  row: RunnerRow,
  administers: boolean,
): Promise<z.output<typeof runnerDetailEntity>> => {
  const [shaped] = await shapeRunners(call, [row])
  if (shaped === undefined) throw new Error('one runner has one shape')
  return {
    ...shaped,
    tag_list: z.array(z.string()).parse(JSON.parse(row.tags)),
    run_untagged: row.run_untagged === 1,
    locked: row.locked === 1,
    maximum_timeout: row.maximum_timeout,
    access_level: row.access_level,
    ...machineOf((await contactsOf(call.parts.store.read, row.id))[0]),
    maintenance_note: administers ? row.maintenance_note : null,
    projects: await projectsFor(call, row),
    groups: await groupsFor(call, row),
  }
}

const busyMachines = async (call: Call, runner: RunnerId): Promise<ReadonlySet<string | null>> => {
  const rows = await call.parts.store.read
    .selectFrom('jobs')
    .select('runner_system')
    .where('runner_id', '=', runner)
    .where('status', 'in', ['running', 'canceling'])
    .execute()
  return new Set(rows.map(({ runner_system }) => runner_system))
}

export const shapeManagers = async (call: Call, row: RunnerRow): Promise<z.output<typeof managerEntity>[]> => {
  const [machines, busy] = [await contactsOf(call.parts.store.read, row.id), await busyMachines(call, row.id)]
  return machines.map(({ runner_id: _, executor: __, ...machine }) => ({
    ...machine,
    status: contactState(machine, machine.contacted_at, call.now),
    job_execution_status: busy.has(machine.system_id) ? 'active' : 'idle',
  }))
}

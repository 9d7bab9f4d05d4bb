import { z } from 'zod'
import { mayOnGroup, mayOnProject } from '../../../access/policy.ts'
import { Secret } from '../../../core/secret.ts'
import { homeOfRegistration, replaceRegistrationToken } from '../../../store/ci/registration-tokens.ts'
import {
  createRunner,
  prefixOf,
  type RunnerFields,
  type RunnerHome,
  type RunnerRow,
  runnerTypes,
} from '../../../store/ci/runners.ts'
import { findNamespace } from '../../../store/namespaces.ts'
import { noLineage, noProject } from '../../../store/nothing.ts'
import { findProject } from '../../../store/projects.ts'
import { readSetting } from '../../../store/settings.ts'
import { digestOf } from '../../../tokens/digest.ts'
import { type MadeToken, makeToken } from '../../../tokens/make.ts'
import { type Answer, created } from '../answer.ts'
import { aboutGroup, aboutProject } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { ApiError, badRequest, forbidden, parameterError, validation } from '../errors.ts'
import { filledText, oneOf, optional, whole } from '../input.ts'
import { reachGroup, reachProject, standingIn } from '../reach.ts'
import { runnerHome, runnerNote } from './runner-audit.ts'
import { longestToken } from './runner-caller.ts'
import { askedFields, problemsOf, runnerFields, usualFields } from './runner-input.ts'
import { resetTokenEntity, resetTokenShape, runnerTokenEntity, runnerTokenShape } from './runner-shape.ts'

const newRunner = z.object({
  ...runnerFields,
  runner_type: oneOf(runnerTypes),
  group_id: optional(whole()),
  project_id: optional(whole()),
})

const notAllowed = (): ApiError => forbidden('Insufficient permissions')
const noScope = (): ApiError => badRequest('Missing/invalid scope')

/** Throws where the caller may make no runner in this group; one that it may not know of is as if it were not there. */
const groupHome = async (call: Call, id: number | undefined): Promise<RunnerHome> => {
  if (id === undefined) throw parameterError('group_id is missing')
  const group = await findNamespace(call.parts.store.read, String(id))
  // What is not there is asked after as if it were: what is hidden takes as long.
  const standing = await standingIn(call, group?.lineage ?? noLineage, undefined)
  if (group?.kind !== 'group' || !mayOnGroup('read_group', standing, group, false)) throw noScope()
  if (!mayOnGroup('manage_runners', standing, group, false)) throw notAllowed()
  return { type: 'group_type', group: group.id }
}

const projectHome = async (call: Call, id: number | undefined): Promise<RunnerHome> => {
  if (id === undefined) throw parameterError('project_id is missing')
  const project = (await findProject(call.parts.store.read, String(id)))?.project
  const standing = await standingIn(call, project?.lineage ?? noLineage, project?.id ?? noProject)
  if (project === undefined || !mayOnProject('read_project', standing, project)) throw noScope()
  if (!mayOnProject('manage_runners', standing, project)) throw notAllowed()
  return { type: 'project_type', project: project.id }
}

const askedHome = async (call: Call, input: z.output<typeof newRunner>): Promise<RunnerHome> => {
  const { isAdmin } = requireUser(call.caller)
  if (input.runner_type === 'group_type') return groupHome(call, input.group_id)
  if (input.runner_type === 'project_type') return projectHome(call, input.project_id)
  if (!isAdmin) throw notAllowed()
  return { type: 'instance_type' }
}

interface Made {
  readonly runner: RunnerRow
  readonly secret: Secret
}

const make = async (
  call: Call,
  home: RunnerHome,
  fields: RunnerFields,
  registration: RunnerRow['registration'],
): Promise<Made | undefined> => {
  const { digest, secret } = makeToken(prefixOf({ registration }))
  const creator = call.caller.kind === 'user' ? call.caller.user.id : null
  const runner = await call.parts.store.write
    .transaction()
    .execute((transaction) => createRunner(transaction, { ...fields, home, creator, registration, digest }, call.now))
  return runner && { runner, secret }
}

const sentence = (field: string, problem: string): string =>
  `${field.charAt(0).toUpperCase()}${field.slice(1).replaceAll('_', ' ')} ${problem}`

const createByUser = async (call: Call): Promise<Answer> => {
  const input = call.read(newRunner)
  const home = await askedHome(call, input)
  const fields = { ...usualFields, ...askedFields(input) }
  const problems = Object.entries(problemsOf(fields)).map(([field, [problem = '']]) => sentence(field, problem))
  if (problems.length > 0) throw badRequest(problems.join(' and '))
  const made = await make(call, home, fields, 'user')
  if (made === undefined) throw noScope()
  call.audit(runnerNote('ci_runner_created', await runnerHome(call, made.runner), made.runner, 'Created a runner'))
  return created(runnerTokenShape(made.runner, made.secret))
}

const registration = z.object({ ...runnerFields, token: filledText(longestToken) })

const gone = (): ApiError =>
  new ApiError(
    410,
    { message: '410 Gone - runner registration disallowed' },
    { log: { 'meta.refusal_reason': 'registration_disallowed' } },
  )

const wrongToken = (): ApiError => forbidden('invalid token supplied', 'credential_unknown')

/** Deprecated: by a registration token, which an administrator can switch off (gitlab `RegisterRunnerService`). */
const register = async (call: Call): Promise<Answer> => {
  const { token, ...input } = call.read(registration)
  const { read } = call.parts.store
  if (!(await readSetting(read, 'allow_runner_registration_token'))) throw gone()
  const home = await homeOfRegistration(read, digestOf(new Secret(token)))
  if (home === undefined) throw wrongToken()
  const fields = { ...usualFields, ...askedFields(input) }
  const problems = problemsOf(fields)
  if (Object.keys(problems).length > 0) throw validation(problems)
  const made = await make(call, home, fields, 'token')
  if (made === undefined) throw wrongToken()
  call.audit(runnerNote('ci_runner_registered', await runnerHome(call, made.runner), made.runner, 'Registered a runner'))
  return created(runnerTokenShape(made.runner, made.secret))
}

const registrationPrefix = 'GR1348941'

const replace = async (call: Call, home: RunnerHome): Promise<Answer> => {
  const made: MadeToken = makeToken(registrationPrefix)
  await replaceRegistrationToken(call.parts.store, home, made, call.parts.sealer, call.now)
  return created(resetTokenShape(made.secret))
}

const message = 'Reset the token by which runners register'

const resetOfInstance = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const answer = await replace(call, { type: 'instance_type' })
  const target = { type: 'ApplicationSetting', id: 1, details: 'runners_registration_token' }
  call.audit({ name: 'ci_runner_token_reset', entity: { kind: 'Instance' }, target, message })
  return answer
}

const resetOfProject = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'manage_runners')
  const answer = await replace(call, { type: 'project_type', project: project.id })
  call.audit({ name: 'ci_runner_token_reset', ...aboutProject(project), message })
  return answer
}

const resetOfGroup = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call, 'manage_runners')
  const answer = await replace(call, { type: 'group_type', group: group.id })
  call.audit({ name: 'ci_runner_token_reset', ...aboutGroup(group), message })
  return answer
}

const reset = { output: resetTokenEntity } as const

/** How runners come to be (gitlab `lib/api/user_runners.rb`, `lib/api/ci/runner.rb`, `lib/api/ci/runners.rb`). */
export const runnerRegistrationRoutes: readonly Route[] = [
  route('POST', '/user/runners', {
    scopes: ['create_runner'],
    input: [newRunner],
    output: runnerTokenEntity,
    handler: createByUser,
  }),
  route('POST', '/runners', { forRunners: true, input: [registration], output: runnerTokenEntity, handler: register }),
  route('POST', '/runners/reset_registration_token', { ...reset, handler: resetOfInstance }),
  route('POST', '/projects/:id/runners/reset_registration_token', { ...reset, handler: resetOfProject }),
  route('POST', '/groups/:id/runners/reset_registration_token', { ...reset, handler: resetOfGroup }),
]

import { z } from 'zod'
import { forgetContacts } from '../../../store/ci/contacts.ts'
import { deleteRunner, prefixOf, type RunnerRow, replaceRunnerToken } from '../../../store/ci/runners.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { forbidden, plainNotFound } from '../errors.ts'
import { filledText } from '../input.ts'
import { runnerHome, runnerNote } from './runner-audit.ts'
import { requireRunner, runnerCallFields } from './runner-caller.ts'
import { reachRunner } from './runner-reach.ts'
import { resetTokenEntity, resetTokenShape, runnerTokenEntity, runnerTokenShape } from './runner-shape.ts'

const runnerCall = z.object(runnerCallFields)
const machineCall = z.object({ ...runnerCallFields, system_id: filledText(64) })

const verify = async (call: Call): Promise<Answer> => {
  const { runner, token } = await requireRunner(call, call.read(runnerCall))
  return ok(runnerTokenShape(runner, token))
}

const unregister = async (call: Call): Promise<Answer> => {
  const { runner } = await requireRunner(call, call.read(runnerCall))
  const home = await runnerHome(call, runner)
  if (!(await deleteRunner(call.parts.store, runner.id))) throw forbidden(undefined, 'credential_unknown')
  await forgetContacts(call.parts.store, runner.id)
  call.audit(runnerNote('ci_runner_unregistered', home, runner, 'Unregistered a runner by its own token'))
  return noContent
}

const unregisterMachine = async (call: Call): Promise<Answer> => {
  const { system_id, ...fields } = call.read(machineCall)
  const { runner } = await requireRunner(call, { ...fields, system_id })
  await forgetContacts(call.parts.store, runner.id, system_id)
  return noContent
}

const reset = async (call: Call, runner: RunnerRow): Promise<Answer> => {
  const { digest, secret } = makeToken(prefixOf(runner))
  const changed = await replaceRunnerToken(call.parts.store, runner.id, digest, call.now)
  if (changed === undefined) throw plainNotFound('404 Not found')
  call.audit(runnerNote('ci_runner_token_reset', await runnerHome(call, changed), changed, 'Reset the token of a runner'))
  return created(resetTokenShape(secret))
}

const resetByToken = async (call: Call): Promise<Answer> => {
  const { runner } = await requireRunner(call, call.read(runnerCall))
  return reset(call, runner)
}

const resetByUser = async (call: Call): Promise<Answer> => reset(call, (await reachRunner(call, 'update')).runner)

const own = { forRunners: true, input: [runnerCall] } as const

/** What a runner asks with its own token (gitlab `lib/api/ci/runner.rb`), and the same token made new by a user. */
export const runnerTokenRoutes: readonly Route[] = [
  route('POST', '/runners/verify', { ...own, output: runnerTokenEntity, status: 200, handler: verify }),
  route('POST', '/runners/reset_authentication_token', { ...own, output: resetTokenEntity, handler: resetByToken }),
  route('DELETE', '/runners', { ...own, handler: unregister }),
  route('DELETE', '/runners/managers', { forRunners: true, input: [machineCall], handler: unregisterMachine }),
  route('POST', '/runners/:id/reset_authentication_token', {
    scopes: ['manage_runner'],
    output: resetTokenEntity,
    handler: resetByUser,
  }),
]

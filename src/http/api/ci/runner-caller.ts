import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { noteContact } from '../../../store/ci/contacts.ts'
import type { RunnerRow } from '../../../store/ci/runners.ts'
import { runnerByDigest } from '../../../store/ci/runners.ts'
import { digestOf } from '../../../tokens/digest.ts'
import type { Call } from '../call.ts'
import { forbidden, parameterError } from '../errors.ts'
import { optional, text } from '../input.ts'

/** Longest token that is looked up, in characters. */
export const longestToken = 8192

/** A runner's or job's token as a body shows it. */
export const tokenField = optional(text(longestToken))

/** What a runner says is kept as far as it is short; what is no text counts as not said. */
const told = z.preprocess((value) => (typeof value === 'string' ? value.slice(0, 64) : undefined), z.string().optional())

const info = z.object({ version: told, revision: told, platform: told, architecture: told, executor: told })

const asObject = (value: unknown): unknown =>
  typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined

/** Sent by a runner with every call of its own. */
export const runnerCallFields = {
  /** May also come as `RUNNER-TOKEN`; the body wins. */
  token: tokenField,
  system_id: optional(text(64)),
  info: z.preprocess(asObject, info.optional()),
}

type RunnerCall = z.output<z.ZodObject<typeof runnerCallFields>>

/** The token that the body or the header shows. Throws Grape's 400 where there is none. */
export const shownToken = (call: Call, inBody: string | undefined, header: 'runner-token' | 'job-token'): Secret => {
  const inHeader = call.headers[header]
  const shown = inBody ?? (typeof inHeader === 'string' && inHeader !== '' ? inHeader.slice(0, longestToken) : undefined)
  if (shown === undefined) throw parameterError('token is missing')
  return new Secret(shown)
}

const describe = (said: z.output<typeof info>) => ({
  version: said.version ?? null,
  revision: said.revision ?? null,
  platform: said.platform ?? null,
  architecture: said.architecture ?? null,
  executor: said.executor ?? null,
})

/** The runner that calls; that it did is noted. Throws 403 for a token that is not a runner's, or no longer. */
export const requireRunner = async (
  call: Call,
  { token, system_id: system, info: said }: RunnerCall,
): Promise<{ readonly runner: RunnerRow; readonly token: Secret }> => {
  const secret = shownToken(call, token, 'runner-token')
  const runner = await runnerByDigest(call.parts.store.read, digestOf(secret), call.now)
  if (runner === undefined) throw forbidden(undefined, 'credential_unknown')
  const description = said === undefined ? {} : describe(said)
  await noteContact(call.parts.store, { runner: runner.id, system, address: call.address, ...description }, call.now)
  return { runner, token: secret }
}

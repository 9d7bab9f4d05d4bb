import { z } from 'zod'
import { isOfferedOauthScope } from '../../../core/scope.ts'
import { redirectUriProblem } from '../../../oauth/redirect-uri.ts'
import { scopeWords } from '../../../oauth/scopes.ts'
import type { Call } from '../call.ts'
import { validation } from '../errors.ts'
import { filledText, flag, optional, text } from '../input.ts'

const longestUris = 4096
const mostUris = 50

export const newApplication = z.object({
  name: filledText(),
  redirect_uri: text(longestUris),
  scopes: text(1024),
  confidential: optional(flag()),
})

/** An application as somebody wants it. */
export interface WantedApplication {
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
  readonly confidential: boolean
}

/** One on each line, or with blanks between. */
const urisIn = (text: string): readonly string[] => [...new Set(text.split(/\s+/).filter((uri) => uri !== ''))]

const uriProblem = (uris: readonly string[]): string | undefined => {
  if (uris.length === 0) return "can't be blank"
  if (uris.length > mostUris) return `is too long (maximum is ${mostUris} addresses)`
  return uris.map(redirectUriProblem).find((problem) => problem !== undefined)
}

const scopeProblem = (call: Call, scopes: readonly string[]): string | undefined => {
  if (scopes.length === 0) return "can't be blank"
  const offer = { registryEnabled: call.parts.settings.registry !== undefined }
  return scopes.every((scope) => isOfferedOauthScope(scope, offer)) ? undefined : "doesn't match configured on the server."
}

/** Reads what is asked for. Throws 400 in the words of doorkeeper's records. */
export const wantedApplication = (call: Call): WantedApplication => {
  const input = call.read(newApplication)
  const wanted = {
    name: input.name,
    redirectUris: urisIn(input.redirect_uri),
    scopes: scopeWords(input.scopes.replace(/[\s,]+/g, ' ')),
    confidential: input.confidential ?? true,
  }
  const problems = [
    ['redirect_uri', uriProblem(wanted.redirectUris)],
    ['scopes', scopeProblem(call, wanted.scopes)],
  ] as const
  const found = problems.flatMap(([name, problem]) => (problem === undefined ? [] : [[name, [problem]] as const]))
  if (found.length > 0) throw validation(Object.fromEntries(found))
  return wanted
}

import { z } from 'zod'
import { bytesOf } from '../../../git/answer.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { ApiError, notFound } from '../errors.ts'
import { list, text } from '../input.ts'
import { type Code, reachCode } from './code.ts'
import { commitEntity, readCommits, shapeCommit } from './commit-shape.ts'
import { resolveAll } from './revision.ts'

const input = z.object({ refs: list(text(1024)) })

const refused = (message: string): ApiError => new ApiError(400, { message }, { log: { 'meta.refusal_reason': 'bad_request' } })

/** The best common ancestor of some commits; undefined where they have none. */
export const commonAncestor = async (code: Code, ids: readonly string[]): Promise<string | undefined> => {
  const answer = await code.tryToAsk({ kind: 'merge-base', ids }, bytesOf)
  if (answer.kind === 'answered') return answer.result.toString().split('\n', 1)[0]
  if (answer.code !== 1) throw new Error(`git found no merge base: ${answer.complaint}`)
  return undefined
}

/** The common ancestor of commits (gitlab `lib/api/repositories.rb`). */
const get = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { refs } = call.read(input)
  if (refs.length < 2) throw refused('Provide at least 2 refs')
  const ids = await resolveAll(code, refs)
  const unknown = refs.filter((_, at) => ids[at] === undefined)
  if (unknown.length > 0) throw refused(`Could not find ref${unknown.length === 1 ? '' : 's'}: ${unknown.join(', ')}`)
  const known = ids.filter((id) => id !== undefined)
  const id = await commonAncestor(code, known)
  const [commit] = id === undefined ? [] : await readCommits(code, [id])
  if (commit === undefined) throw notFound('Merge Base')
  return ok(shapeCommit(code, commit))
}

export const mergeBaseRoutes: readonly Route[] = [
  route('GET', '/projects/:id/repository/merge_base', { handler: get, open: true, input: [input], output: commitEntity }),
]

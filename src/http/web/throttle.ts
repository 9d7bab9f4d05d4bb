import type { WebAnswer } from './answer.ts'
import { problemPage } from './problem.ts'
import { isSigned, type Visit } from './visit.ts'

/** Counts a request by who is signed in, else by its address; the answer where it is one too many (GitLab's web limits). */
export const tooManyRequests = async (visit: Visit): Promise<WebAnswer | undefined> => {
  const { throttles } = visit.parts
  const requester = isSigned(visit)
    ? ({ kind: 'user', id: visit.session.user.id } as const)
    : ({ kind: 'address', address: visit.address } as const)
  const throttled = await throttles.take('web', requester)
  if (throttled === undefined) return undefined
  const { text, headers, name } = throttled
  const page = problemPage(visit, { status: 429, title: 'Too many requests', text, reason: 'request_throttled', headers })
  return { ...page, log: { ...page.log, env: 'throttle', matched: name } }
}

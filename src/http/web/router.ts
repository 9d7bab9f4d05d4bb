import express, { type Request, type RequestHandler, type Response } from 'express'
import { userFields } from '../../log.ts'
import { anySessionOf, markSeen, type WebSession } from '../../store/web/sessions.ts'
import { isFormToken } from '../../tokens/form-token.ts'
import { hasBody } from '../api/body.ts'
import { askForBody } from '../api/body-wanted.ts'
import { addressIn, noteFields } from '../api/request-log.ts'
import { afterMark } from '../target.ts'
import { linkTo, returnPath, signInPath } from './addresses.ts'
import { goTo, type WebAnswer } from './answer.ts'
import { applicationPages } from './applications.ts'
import { consentPages } from './consent.ts'
import { newVisitor, setCookie, shownCookie } from './cookie.ts'
import { devicePages } from './device.ts'
import { answerFault } from './fault.ts'
import { secureHeaders } from './headers.ts'
import { layout, tokenField } from './layout.ts'
import { comesFromElsewhere } from './origin.ts'
import type { Page } from './page.ts'
import type { WebParts } from './parts.ts'
import { passwordPages } from './password.ts'
import { problemPage } from './problem.ts'
import { signInPages } from './sign-in.ts'
import { signOutPages } from './sign-out.ts'
import { stylePath, styleSheet } from './style.ts'
import { tooManyRequests } from './throttle.ts'
import { twoFactorPages } from './two-factor.ts'
import { fieldOf, isSigned, type Visit } from './visit.ts'

/** All of them. */
export const pages: readonly Page[] = [
  ...signInPages,
  ...signOutPages,
  ...twoFactorPages,
  ...passwordPages,
  ...consentPages,
  ...devicePages,
  ...applicationPages,
]

/** Largest form, in bytes. */
const largestForm = 32 * 2 ** 10

const readForm = express.text({ limit: largestForm, type: 'application/x-www-form-urlencoded', defaultCharset: 'utf-8' })

const takeForm: RequestHandler = (request, response, next) => {
  if (hasBody(request)) askForBody(request, response)
  readForm(request, response, next)
}

const queryOf = ({ originalUrl }: Request): URLSearchParams => new URLSearchParams(afterMark(originalUrl))

const wordsOf = (request: Request): Record<string, string> =>
  Object.fromEntries(Object.entries(request.params).map(([name, word]) => [name, String(word)]))

const changes = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

const visitOf = async (parts: WebParts, request: Request, response: Response): Promise<Visit> => {
  const now = parts.clock()
  const shown = shownCookie(request.headers.cookie)
  const session = shown && (await anySessionOf(parts.store.read, shown, now))
  const body: unknown = request.body
  return {
    parts,
    method: request.method,
    path: request.path,
    query: queryOf(request),
    form: new URLSearchParams(typeof body === 'string' ? body : ''),
    words: wordsOf(request),
    cookie: shown ?? newVisitor(),
    session,
    address: addressIn(response),
    now,
  }
}

/**
 * Gives the browser a cookie where it got another one, or has none that is good. Not in answer to a form: from another
 * site it comes without the cookie that the browser has, and a new one would sign the person out.
 */
const keepCookie = (visit: Visit, answer: WebAnswer, request: Request, response: Response): void => {
  const isNew = !changes(request.method) && shownCookie(request.headers.cookie) === undefined
  const cookie = answer.cookie ?? (isNew ? visit.cookie : undefined)
  if (cookie !== undefined) response.setHeader('Set-Cookie', setCookie(cookie, visit.parts.settings))
}

const send = (visit: Visit, answer: WebAnswer, request: Request, response: Response): void => {
  keepCookie(visit, answer, request, response)
  if (answer.log !== undefined) noteFields(response, answer.log)
  if (answer.kind === 'redirect') {
    secureHeaders(response)
    const location = 'path' in answer.to ? linkTo(visit.parts.settings, answer.to.path) : answer.to.address
    response.statusCode = 303
    response.setHeader('Location', location)
    response.end()
    return
  }
  secureHeaders(response, answer.leadsTo)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  response.statusCode = answer.status
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  // Forms go with the cookie that the browser has from now on.
  response.end(layout({ ...visit, cookie: answer.cookie ?? visit.cookie }, answer).toString())
}

const forged = (visit: Visit, reason: string): WebAnswer =>
  problemPage(visit, {
    status: 422,
    title: 'The form was not taken',
    text: 'It did not come from a page of this server, is too old, or the browser keeps no cookies. Open the page again and send it once more.',
    reason,
  })

/** Whether a form was written by a page of ours, in this browser. */
const formProblem = (visit: Visit, request: Request): string | undefined => {
  if (comesFromElsewhere(request.headers, visit.parts.settings)) return 'form_from_elsewhere'
  const token = fieldOf(visit.form, tokenField)
  return token !== undefined && isFormToken(token, visit.cookie) ? undefined : 'form_token_wrong'
}

const answerPage = async (visit: Visit, page: Page, request: Request): Promise<WebAnswer> => {
  if (changes(request.method)) {
    const problem = formProblem(visit, request)
    if (problem !== undefined) return forged(visit, problem)
  }
  if (page.who === 'anyone') return page.handler(visit)
  if (isSigned(visit)) return page.handler(visit)
  return goTo(signInPath(returnPath(changes(request.method) ? undefined : request.originalUrl)))
}

const noteSession = async (parts: WebParts, session: WebSession | undefined, response: Response, now: number): Promise<void> => {
  if (session === undefined) return
  noteFields(response, {
    ...userFields(session.user),
    ...(session.stage === 'signed-in' && { token_kind: 'web-session' }),
  })
  await markSeen(parts.store, session, now)
}

/** Finds the page for what a form means to do, since browsers send `DELETE` as a field. */
const pageFor = (candidates: readonly Page[], request: Request): Page | undefined => {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const body: unknown = request.body
  const meant = method === 'POST' && typeof body === 'string' && fieldOf(new URLSearchParams(body), '_method') === 'delete'
  return candidates.find((page) => page.method === (meant ? 'DELETE' : method))
}

const wrongMethod = (visit: Visit, candidates: readonly Page[]): WebAnswer =>
  problemPage(visit, {
    status: 405,
    title: 'Not found',
    text: 'There is no such page.',
    reason: 'method_not_allowed',
    headers: { Allow: candidates.map(({ method }) => method).join(', ') },
  })

const serve =
  (parts: WebParts, candidates: readonly Page[]): RequestHandler =>
  async (request, response) => {
    const visit = await visitOf(parts, request, response)
    await noteSession(parts, visit.session, response, visit.now)
    const throttled = await tooManyRequests(visit)
    const page = pageFor(candidates, request)
    const answer = throttled ?? (page === undefined ? wrongMethod(visit, candidates) : await answerPage(visit, page, request))
    send(visit, answer, request, response)
  }

const sendStyle: RequestHandler = (_request, response) => {
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
  response.setHeader('Content-Type', 'text/css; charset=utf-8')
  response.end(styleSheet)
}

/** The pages for people: signing in, agreeing to applications, the second factor. */
export const makeWebRouter = (parts: WebParts): express.Router => {
  const router = express.Router({ caseSensitive: true })
  router.get(stylePath, sendStyle)
  for (const [path, candidates] of Map.groupBy(pages, (page) => page.path)) {
    router.all(path, takeForm, serve(parts, candidates), answerFault(parts))
  }
  return router
}

import type { ServerResponse } from 'node:http'
import { sendText } from './plain-text.ts'

const sendStatus = (response: ServerResponse, status: number, word: string): void =>
  sendText(response, status, JSON.stringify({ status: word }), { 'Content-Type': 'application/json' })

type Check = (response: ServerResponse, isReady: boolean) => void

/** GitLab's three addresses for those who watch the server (GitLab docs, "Health Check"). */
const checks: Readonly<Record<string, Check>> = {
  '/-/health': (response) => sendText(response, 200, 'GitLab OK'),
  '/-/liveness': (response) => sendStatus(response, 200, 'ok'),
  '/-/readiness': (response, isReady) => sendStatus(response, isReady ? 200 : 503, isReady ? 'ok' : 'failed'),
}

/** Answers a question about the server's health. False where the path asks something else. */
export const answerHealth = (method: string, path: string, response: ServerResponse, isReady: () => boolean): boolean => {
  const check = Object.hasOwn(checks, path) ? checks[path] : undefined
  if (check === undefined) return false
  if (method === 'GET' || method === 'HEAD') check(response, isReady())
  else sendText(response, 405, 'This address takes GET only.', { Allow: 'GET' })
  return true
}

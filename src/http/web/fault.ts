import type { ErrorRequestHandler } from 'express'
import { correlationId, noteFields } from '../api/request-log.ts'
import { secureHeaders } from './headers.ts'
import { html } from './html.ts'
import type { WebParts } from './parts.ts'

/** The status of a form that cannot be read, as the framework's own reader has it; undefined for a fault of ours. */
const clientStatus = (fault: unknown): number | undefined => {
  if (typeof fault !== 'object' || fault === null || !('status' in fault) || typeof fault.status !== 'number') return undefined
  return fault.status >= 400 && fault.status < 500 ? fault.status : undefined
}

/** A person sees a page, also of a fault; the log has the fault itself, under the id on the page. */
export const answerFault =
  ({ log }: Pick<WebParts, 'log'>): ErrorRequestHandler =>
  (fault: unknown, request, response, next) => {
    if (response.headersSent) {
      next(fault)
      return
    }
    const status = clientStatus(fault)
    const id = correlationId(response)
    if (status === undefined) log.error({ correlation_id: id, err: fault }, 'a page failed')
    else noteFields(response, { 'meta.refusal_reason': 'form_unreadable' })
    const text =
      status === undefined ? `Something went wrong on the server. The log knows it as ${id}.` : 'The form cannot be read.'
    secureHeaders(response)
    response.statusCode = status ?? 500
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(html`<!doctype html><html lang="en"><title>Error</title><h1>Error</h1><p>${text}</p></html>`.toString())
    request.resume()
  }

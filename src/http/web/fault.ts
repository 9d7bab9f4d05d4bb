import type { ErrorRequestHandler } from 'express'
import { diskTroubleOf, diskTroubleRetry, diskTroubleWords } from '../../core/disk-trouble.ts'
import { correlationId, noteFields } from '../api/request-log.ts'
import { secureHeaders } from './headers.ts'
import { html } from './html.ts'
import type { WebParts } from './parts.ts'

/** The status of a form that cannot be read, as the framework's own reader has it; undefined for a fault of ours. */
const clientStatus = (fault: unknown): number | undefined => {
  if (typeof fault !== 'object' || fault === null || !('status' in fault) || typeof fault.status !== 'number') return undefined
  return fault.status >= 400 && fault.status < 500 ? fault.status : undefined
}

/** What a person reads of a fault of ours, and the status it goes with. */
const faultTold = (fault: unknown, id: string): { status: number; text: string; retry?: string } => {
  const trouble = diskTroubleOf(fault)
  const known = `The log knows it as ${id}.`
  if (trouble === undefined) return { status: 500, text: `Something went wrong on the server. ${known}` }
  return { status: 503, text: `${diskTroubleWords[trouble]} ${known}`, retry: String(diskTroubleRetry) }
}

/** A person sees a page, also of a fault; the log has the fault itself, under the id on the page. */
export const answerFault =
  ({ log }: Pick<WebParts, 'log'>): ErrorRequestHandler =>
  (fault: unknown, request, response, next) => {
    if (response.headersSent) {
      next(fault)
      return
    }
    const clients = clientStatus(fault)
    const id = correlationId(response)
    if (clients === undefined) log.error({ correlation_id: id, err: fault }, 'a page failed')
    else noteFields(response, { 'meta.refusal_reason': 'form_unreadable' })
    const { status, text, retry } =
      clients === undefined ? faultTold(fault, id) : { status: clients, text: 'The form cannot be read.', retry: undefined }
    secureHeaders(response)
    response.statusCode = status
    if (retry !== undefined) response.setHeader('Retry-After', retry)
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(html`<!doctype html><html lang="en"><title>Error</title><h1>Error</h1><p>${text}</p></html>`.toString())
    request.resume()
  }

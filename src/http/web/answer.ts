import type { Secret } from '../../core/secret.ts'
import type { Html } from './html.ts'

/** What the log has of an answer, beside its status. */
type LogFields = Readonly<Record<string, string>>

/** A page to be shown. */
export interface PageAnswer {
  readonly kind: 'page'
  readonly status: number
  readonly title: string
  readonly body: Html
  /** An address outside to which a form of the page leads in the end. */
  readonly leadsTo?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly cookie?: Secret
  readonly log?: LogFields
}

/** A way to go on: a path of ours, or where an application wants its users back. */
export interface RedirectAnswer {
  readonly kind: 'redirect'
  readonly to: { readonly path: string } | { readonly address: string }
  readonly cookie?: Secret
  readonly log?: LogFields
}

export type WebAnswer = PageAnswer | RedirectAnswer

export const goTo = (path: string, cookie?: Secret): RedirectAnswer => ({
  kind: 'redirect',
  to: { path },
  ...(cookie && { cookie }),
})

/** Why a page says no: for the log. */
export const because = (reason: string): LogFields => ({ 'meta.refusal_reason': reason })

import type { WebAnswer } from './answer.ts'
import type { SignedVisit, Visit } from './visit.ts'

/** A page or a form's end: for everybody, or for those who are signed in. */
export type Page = { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string } & (
  | { readonly who: 'anyone'; readonly handler: (visit: Visit) => Promise<WebAnswer> }
  | { readonly who: 'signed-in'; readonly handler: (visit: SignedVisit) => Promise<WebAnswer> }
)

import type { RefUpdate } from './ref-update.ts'

/** The three programs of git that a door may be asked for. */
export type GitService = 'upload-pack' | 'upload-archive' | 'receive-pack'

/**
 * What is asked of a repository. To `inspect` it is to read objects and refs for an answer of the API. A push is asked
 * twice: before its ref updates are known, and again with them; one that comes through the API brings no objects.
 */
export type Action =
  | { readonly kind: 'pull'; readonly service: 'upload-pack' | 'upload-archive' | 'inspect' }
  | { readonly kind: 'push'; readonly updates: 'unknown' | readonly RefUpdate[]; readonly origin?: 'api' }

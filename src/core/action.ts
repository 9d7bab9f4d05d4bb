import type { RefUpdate } from './ref-update.ts'

/** The three programs of git that a door may be asked for. */
export type GitService = 'upload-pack' | 'upload-archive' | 'receive-pack'

/** What is asked of a repository. A push is asked twice: before its ref updates are known, and again with them. */
export type Action =
  | { readonly kind: 'pull'; readonly service: 'upload-pack' | 'upload-archive' }
  | { readonly kind: 'push'; readonly updates: 'unknown' | readonly RefUpdate[] }

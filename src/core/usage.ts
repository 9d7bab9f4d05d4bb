import type { CredentialRef } from './credential.ts'

/**
 * Keeps when and from where credentials were last used (GitLab: the time at most once in ten minutes, addresses at most
 * once a minute, the last five distinct ones), in batches.
 */
export interface UsageLog {
  /** Returns at once. */
  note(credential: CredentialRef, address: string | undefined, at: number): void
  /** Resolves when all that was noted by this process so far can be read. */
  settled(): Promise<void>
}

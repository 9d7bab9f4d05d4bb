import type { ProjectId, UserId } from '../../../../src/core/ids.ts'
import { Secret } from '../../../../src/core/secret.ts'
import type { JobRow } from '../../../../src/store/ci/jobs.ts'
import { createLease, type NewLease } from '../../../../src/store/ci/leases.ts'
import type { Store } from '../../../../src/store/sqlite.ts'
import { makeToken } from '../../../../src/tokens/make.ts'
import { today } from '../api-server.ts'

type Fields = Partial<NewLease> & { readonly project: ProjectId; readonly user: UserId; readonly at?: number }

/** A running job with a token, past the API. */
export const leaseIn = async (store: Store, { at = today, ...fields }: Fields): Promise<JobRow & { readonly token: string }> => {
  const { digest, secret } = makeToken('glcbt-64_')
  const usual = { name: 'lease', ref: 'main', tag: 0, sha: 'a'.repeat(40), protected: 0, seconds: 3600, digest } as const
  const row = await store.write.transaction().execute((transaction) => createLease(transaction, { ...usual, ...fields }, at))
  if (row === 'full') throw new Error('too many leases')
  return { ...row, token: Secret.open(secret) }
}

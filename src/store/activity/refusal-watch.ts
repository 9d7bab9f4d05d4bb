import type { AuditEvent, AuditTrail } from '../../core/audit.ts'
import { credentialName } from '../../core/credential.ts'
import type { RefusalWatch, RefusedUse } from '../../core/refused-use.ts'
import type { Store } from '../sqlite.ts'
import { type Fold, FoldedUses } from './folded-uses.ts'
import { partiesOf } from './refused-parties.ts'

/**
 * Reasons that say that a credential is dead, or its user shut out, with the event of each. GitLab has no types for
 * these; the names are ours.
 */
const deaths: Readonly<Record<string, string>> = {
  token_expired: 'expired_token_used',
  token_revoked: 'revoked_token_used',
  key_expired: 'expired_key_used',
  user_blocked: 'shut_out_user_credential_used',
  user_deactivated: 'shut_out_user_credential_used',
  user_pending_approval: 'shut_out_user_credential_used',
  user_internal: 'shut_out_user_credential_used',
  user_cannot_log_in: 'shut_out_user_credential_used',
}

const deniedPush = 'push_denied'

/** Strangers are asked to log in before each push: that is no event. */
const nameOf = ({ reason, push, principal, credential }: RefusedUse): string | undefined => {
  if (credential === undefined) return undefined
  if (Object.hasOwn(deaths, reason)) return deaths[reason]
  return push && principal !== undefined && principal.kind !== 'anonymous' ? deniedPush : undefined
}

const places: Record<RefusedUse['door'], string> = { api: 'the API', http: 'git over HTTP', ssh: 'git over SSH' }

const messageOf = (name: string, use: RefusedUse, fold: Fold): string => {
  const what = name === deniedPush ? `Push denied${use.ref === undefined ? '' : ` for ${use.ref}`}` : 'Used after its end'
  const more = fold === 'last' ? '; further ones within this minute are in the log alone' : ''
  return `${what} over ${places[use.door]} (${use.reason})${more}`
}

/** Looks up whose a credential was and records the event, away from the request that was refused. */
export class StoredRefusalWatch implements RefusalWatch {
  readonly #store: Pick<Store, 'read'>
  readonly #trail: AuditTrail
  readonly #report: (fault: unknown, use: RefusedUse) => void
  readonly #folded = new FoldedUses()
  readonly #pending = new Set<Promise<void>>()

  constructor(store: Pick<Store, 'read'>, trail: AuditTrail, report: (fault: unknown, use: RefusedUse) => void) {
    this.#store = store
    this.#trail = trail
    this.#report = report
  }

  refused(use: RefusedUse): void {
    const name = nameOf(use)
    if (name === undefined || use.credential === undefined) return
    const fold = this.#folded.ask(credentialName(use.credential), keyOf(name, use), use.at)
    if (fold === 'folded') return
    const told = this.#tell(name, use, fold).catch((fault: unknown) => this.#report(fault, use))
    this.#pending.add(told)
    void told.finally(() => this.#pending.delete(told))
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #tell(name: string, use: RefusedUse, fold: Fold): Promise<void> {
    const parties = await partiesOf(this.#store.read, use, name === deniedPush)
    if (parties === undefined) return
    const event: AuditEvent = {
      name,
      ...parties,
      message: messageOf(name, use, fold),
      reason: use.reason,
      address: use.address,
      at: use.at,
    }
    this.#trail.record([event])
  }
}

/** Refused pushes of one credential are told apart by what they were for. */
const keyOf = (name: string, { address, push, project, ref, reason }: RefusedUse): string =>
  JSON.stringify(name === deniedPush ? [name, address, push, project?.id, ref, reason] : [name, address])

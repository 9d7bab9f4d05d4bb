import type { Admission } from '../access/decide.ts'
import { refuseRef } from '../access/refuse.ts'
import type { AuditTrail } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import type { Refusal } from '../core/refusal.ts'
import type { PushInspection } from '../git/push-inspection.ts'
import { authorOf } from '../store/activity/author.ts'
import { readSetting } from '../store/settings.ts'
import type { Store } from '../store/sqlite.ts'
import { type Finding, tellFindings, tokensOf } from './findings.ts'
import type { LiveToken } from './live-token.ts'
import { Look } from './look.ts'
import { marksFor } from './marks.ts'
import { SecretScan } from './scan.ts'
import { Suspicions } from './suspicions.ts'

export interface ShieldParts {
  readonly store: Store
  readonly trail: AuditTrail
  readonly clock: Clock
}

/** Keeps tokens that still work out of repositories. */
export class Shield {
  readonly #parts: ShieldParts
  #scan: { readonly chosen: string; readonly scan: SecretScan } | undefined

  constructor(parts: ShieldParts) {
    this.#parts = parts
  }

  /** A look at what one push brings. */
  inspect(admission: Admission<'receive-pack'>): PushInspection {
    const { store, clock } = this.#parts
    const suspicions = new Suspicions(store.read, clock())
    const look = new Look(suspicions, this.#currentScan(), store.read)
    return {
      see: (piece) => look.see(piece),
      suspects: async () => new Set((await suspicions.findings()).map(({ place }) => place.object)),
      conclude: async (suspects, paths) => {
        const findings = (await suspicions.findings()).filter(({ place }) => suspects.has(place.object))
        return this.#conclude(admission, findings, paths)
      },
    }
  }

  /** The tokens in a text that is to become an object, with the lines on which they stand. */
  async findIn(bytes: Buffer): Promise<readonly Finding[]> {
    const { store, clock } = this.#parts
    const suspicions = new Suspicions(store.read, clock())
    const object = { id: '', type: 'blob', size: bytes.length } as const
    await new Look(suspicions, this.#currentScan(), store.read).see({ object, at: 0, bytes })
    return suspicions.findings()
  }

  /** What access tokens begin with may be changed at any time. */
  async #currentScan(): Promise<SecretScan> {
    const chosen = await readSetting(this.#parts.store.read, 'personal_access_token_prefix')
    if (this.#scan?.chosen !== chosen) this.#scan = { chosen, scan: new SecretScan(marksFor(chosen)) }
    return this.#scan.scan
  }

  async #conclude(
    admission: Admission<'receive-pack'>,
    findings: readonly Finding[],
    paths: ReadonlyMap<string, string>,
  ): Promise<Refusal | undefined> {
    const owed = admission.obligations.find((obligation) => obligation.kind === 'inspection')
    if (findings.length === 0 || owed?.kind !== 'inspection') return undefined
    if (owed.revoke) await this.#revoke(admission, tokensOf(findings))
    return refuseRef('live_token', owed.refusal.ref ?? '', tellFindings(findings, paths, owed.revoke))
  }

  /** Ends them before the push is answered; each is an event of whoever pushed. */
  async #revoke({ principal }: Admission, tokens: readonly LiveToken[]): Promise<void> {
    const { store, trail, clock } = this.#parts
    const author = await authorOf(store.read, principal)
    for (const token of tokens) {
      const note = await token.end(store, clock())
      trail.record([{ ...note, author, address: undefined, at: clock() }])
    }
    await trail.settled()
  }
}

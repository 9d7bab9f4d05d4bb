import type { Settings } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import { ipRanges } from '../core/ip-address.ts'
import type { SigningKeys } from '../pipelines/signing-keys.ts'
import type { Certificates } from '../ssh/login.ts'
import type { StoredCredentials } from '../store/lookups.ts'
import type { Store } from '../store/sqlite.ts'
import type { CertificateAuthority } from '../trust/authority.ts'
import { TokenExchange } from '../trust/exchange.ts'
import { IssuerKeys } from '../trust/issuer-keys.ts'
import { fetchJson } from '../trust/outbound.ts'

interface ExchangeSurroundings {
  readonly store: Store
  readonly settings: Pick<Settings, 'outboundAllow'>
  readonly signing: SigningKeys
  readonly clock: Clock
  readonly baseUrl: () => string
}

/** The exchange of outside tokens, which calls outside issuers for their keys, and nobody for our own. */
export const makeExchange = ({ store, settings, signing, clock, baseUrl }: ExchangeSurroundings): TokenExchange => {
  const opened = ipRanges(settings.outboundAllow)
  const issuerKeys = new IssuerKeys((url) => fetchJson(url, { opened }), clock)
  const ownKeys = async () => ({ keys: (await signing.all()).map(({ published }) => ({ ...published })) })
  return new TokenExchange({ store, issuerKeys, own: { issuer: baseUrl, keys: ownKeys }, clock })
}

/** What the SSH door asks of certificates. */
export const certificatesBy = (authority: CertificateAuthority, lookups: StoredCredentials): Certificates => ({
  check: (blob, userName) => authority.check(blob, userName),
  isKnown: async (certificate) => (await lookups.trustCertificate(certificate)) !== undefined,
})

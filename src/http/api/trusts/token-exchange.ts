import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { tellLine } from '../../../log.ts'
import { groupEntity, projectEntity } from '../../../store/audit-entities.ts'
import { findTrustPlace } from '../../../store/trust-places.ts'
import { makeToken } from '../../../tokens/make.ts'
import { ed25519Blob } from '../../../tokens/ssh-certificate.ts'
import { fingerprintOf } from '../../../tokens/ssh-key.ts'
import type { Granted, Refused } from '../../../trust/exchange.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { wholeNumber, words } from '../entity-words.ts'
import type { ApiError } from '../errors.ts'
import { type ExchangeRequest, exchangeInput, oauthError, readExchange, wantedTypes } from './exchange-input.ts'
import { registryLife, registryTokenFor } from './registry-token.ts'

/** RFC 8693, section 2.2.1. */
const exchangedEntity = z
  .object({ access_token: words, issued_token_type: words, token_type: words, expires_in: wholeNumber, scope: words })
  .meta({ id: 'ExchangedToken' })

type Exchanged = z.output<typeof exchangedEntity>

/** Who was let in, for the log and the audit: who vouches and for whom, and by which trust. */
const tell = async (call: Call, granted: Granted, kind: string): Promise<void> => {
  const { trust, subject, id, home } = granted
  const { read } = call.parts.store
  const entity = home.kind === 'project' ? await projectEntity(read, home.id) : await groupEntity(read, home.id)
  call.audit({
    name: 'trust_token_exchanged',
    entity: entity ?? { kind: 'Instance' },
    target: { type: 'Trust', id: trust.id, details: trust.name },
    message: `Trust ${trust.name} gave a ${kind} (${id}) to ${subject} of ${trust.issuer}`,
  })
  const line = {
    trust_id: trust.id,
    trust_issuer: trust.issuer,
    trust_subject: subject,
    token_id: id,
    token_kind: `trust-${kind}`,
  }
  tellLine(call.parts.log, 'info', { door: 'api', remote_ip: call.address ?? '', ...line }, 'token exchanged')
}

/**
 * The same answer whatever the reason: whoever may not see the project learns of nothing, not even that it is there.
 * Whoever may see the trust finds the reason by the id.
 */
const refusal = ({ reason, refusalId, trusts }: Refused, { token }: ExchangeRequest): ApiError =>
  oauthError(
    'invalid_request',
    'the token is not taken here. Maintainers find the reason at the trust, under the refusal_id',
    {
      'meta.refusal_reason': reason,
      'meta.trust_refusal_id': refusalId,
      'meta.trust_ids': trusts.join(' '),
      'meta.claimed_issuer': token.issuer.slice(0, 500),
    },
    { refusal_id: refusalId },
  )

const answer = (
  kind: keyof typeof wantedTypes,
  accessToken: string,
  { trust, scopes }: Granted,
  life: number = trust.life,
): Exchanged => ({
  access_token: accessToken,
  issued_token_type: wantedTypes[kind],
  token_type: kind === 'certificate' ? 'N_A' : 'Bearer',
  expires_in: life,
  scope: scopes.join(' '),
})

type Give = (call: Call, request: ExchangeRequest) => Promise<Exchanged>

const asking = async (call: Call, { token, path, scopes }: ExchangeRequest) => ({
  token,
  scopes,
  place: await findTrustPlace(call.parts.store.read, path),
})

const exchanged = async (
  call: Call,
  request: ExchangeRequest,
  given: Parameters<Call['parts']['trust']['exchange']['exchange']>[0]['given'],
): Promise<Granted> => {
  const outcome = await call.parts.trust.exchange.exchange({ ...(await asking(call, request)), given })
  if (!('id' in outcome)) throw refusal(outcome, request)
  await tell(call, outcome, given.kind)
  return outcome
}

const giveToken: Give = async (call, request) => {
  const { digest, secret } = makeToken('sptx-')
  return answer('token', Secret.open(secret), await exchanged(call, request, { kind: 'token', digest }))
}

const giveCertificate = async (call: Call, request: ExchangeRequest, key: Buffer): Promise<Exchanged> => {
  const granted = await exchanged(call, request, { kind: 'certificate', fingerprint: fingerprintOf(ed25519Blob(key)) })
  const keyId = `sallyport-trust-${granted.trust.id}-${granted.id}`
  const line = await call.parts.trust.authority.certify({ key, serial: granted.id, keyId, life: granted.trust.life })
  return answer('certificate', line, granted)
}

const giveRegistryToken = async (call: Call, request: ExchangeRequest, repository: string): Promise<Exchanged> => {
  const granted = await exchanged(call, request, { kind: 'registry' })
  const token = await registryTokenFor(call, granted, repository)
  return answer('registry', token, granted, Math.min(granted.trust.life, registryLife))
}

const exchange = async (call: Call): Promise<Answer> => {
  const request = readExchange(call)
  const { wanted } = request
  if (wanted.kind === 'registry') return ok(await giveRegistryToken(call, request, wanted.repository))
  if (wanted.kind === 'certificate') return ok(await giveCertificate(call, request, wanted.key))
  return ok(await giveToken(call, request))
}

/** Takes a token of an outside issuer, and gives what a trust of the project or group gives for it. Nobody is logged in. */
export const tokenExchangeRoutes: readonly Route[] = [
  route('POST', '/sallyport/token_exchange', {
    open: true,
    input: [exchangeInput],
    output: exchangedEntity,
    status: 200,
    summary: "exchanges an outside issuer's token (RFC 8693)",
    handler: exchange,
  }),
]

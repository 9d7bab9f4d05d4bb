import { createRequire } from 'node:module'
import type { KexAlgorithm } from 'ssh2'
import { type ClientOffer, messageOffer, readOffer, retold } from './client-offer.ts'
import { answerHybrid, hybridExchange } from './hybrid-exchange.ts'
import type { Look } from './incoming.ts'
import { exchangeOf, type KeyExchange, type Protocol } from './inside-ssh2.ts'

/** The exchange of ssh2 that does all but the shares and the secret, in the hybrid's place. Both hash with SHA-256. */
const standIn = 'curve25519-sha256'

const messageShare = 30

const supportedBySsh2 = (): string[] => {
  const library: unknown = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js')
  const list = typeof library === 'object' && library !== null && 'SUPPORTED_KEX' in library ? library.SUPPORTED_KEX : undefined
  if (Array.isArray(list) && list.includes(standIn)) return list
  throw new Error('this release of ssh2 keeps its exchanges elsewhere; see src/ssh/offer-hybrid.ts')
}

/** A server's list of exchanges as ssh2 takes it, which refuses names that it does not know: the hybrid becomes one that it does. */
export const exchangesForSsh2 = (names: readonly string[]): KexAlgorithm[] => {
  const supported = supportedBySsh2()
  if (!supported.includes(hybridExchange)) supported.push(hybridExchange)
  return names.filter((name): name is KexAlgorithm => supported.includes(name))
}

/** Makes a stand-in the hybrid. */
const replaceShares = (exchange: KeyExchange): void => {
  let share: Buffer = Buffer.alloc(0)
  exchange.negotiated.kex = hybridExchange
  exchange.convertPublicKey = (theirs) => theirs
  exchange.getPublicKey = () => share
  exchange.computeSecret = (theirs) => {
    try {
      const answer = answerHybrid(theirs)
      share = answer.share
      return answer.secret
    } catch (fault) {
      return fault instanceof Error ? fault : new Error(String(fault))
    }
  }
}

/** Our own lists, in the order in which we offer them. */
export interface Taken {
  readonly kex: readonly string[]
  readonly serverHostKey: readonly string[]
}

/** A guess is right where the first exchange and the first host key of both sides are the same (RFC 4253, section 7). */
const isRightGuess = ({ exchanges, hostKeys }: ClientOffer, { kex, serverHostKey }: Taken): boolean =>
  exchanges[0] === kex[0] && hostKeys[0] === serverHostKey[0]

/** An offer as ssh2 is to see it. ssh2 1.17 passes over the share behind any guess, also a right one, of which it is not told. */
const forSsh2 = (payload: Buffer, offer: ClientOffer, taken: Taken): Buffer => {
  const exchanges = offer.exchanges.map((name) => (name === hybridExchange ? standIn : name))
  return retold(payload, offer, exchanges, offer.guesses && !isRightGuess(offer, taken))
}

/**
 * Adds `mlkem768x25519-sha256` to a connection of ssh2, whose own exchanges are made by their names in a function that is
 * out of reach (`kex.js`, `createKeyExchange`). Where messages of a client are looked at, an offer whose first name that we
 * take is the hybrid is told to ssh2 as one for the stand-in, and when the client's share comes, the stand-in that
 * ssh2 has made becomes the hybrid, and signs what the client really offered.
 */
export const takeHybrid = (protocol: Protocol, taken: Taken): Look => {
  let offered: { readonly payload: Buffer; readonly isHybrid: boolean } | undefined
  const readShare = (): void => {
    if (offered === undefined) return
    const { payload, isHybrid } = offered
    offered = undefined
    const exchange = exchangeOf(protocol)
    exchange._remoteKexinit = payload
    if (isHybrid) replaceShares(exchange)
  }
  const tellOffer = (payload: Buffer): Buffer => {
    const offer = readOffer(payload)
    offered = undefined
    if (offer === undefined) return payload
    const isHybrid = offer.exchanges.find((name) => taken.kex.includes(name)) === hybridExchange
    if (!isHybrid && !offer.guesses) return payload
    offered = { payload, isHybrid }
    return forSsh2(payload, offer, taken)
  }
  return (payload) => {
    if (payload[0] === messageShare) readShare()
    return payload[0] === messageOffer ? tellOffer(payload) : payload
  }
}

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'

/** A key's public half as others fetch it (RFC 7517). */
export interface PublishedKey {
  readonly kty: string
  readonly kid: string
  readonly n: string
  readonly e: string
  readonly use: 'sig'
  readonly alg: 'RS256'
}

/** A private RSA key with the name by which those who verify find its public half. */
export interface SigningKey {
  readonly id: string
  readonly key: KeyObject
  readonly published: PublishedKey
}

const publish = (jwk: JWK, kid: string): PublishedKey => {
  const { kty, n, e } = jwk
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('a signing key is an RSA key')
  return { kty, kid, n, e, use: 'sig', alg: 'RS256' }
}

/** Named by its thumbprint (RFC 7638), as GitLab's. Throws for what is no private RSA key in PEM. */
const readSigningKey = async (pem: string): Promise<SigningKey> => {
  const key = createPrivateKey(pem)
  const jwk = await exportJWK(createPublicKey(key))
  const id = await calculateJwkThumbprint(jwk)
  return { id, key, published: publish(jwk, id) }
}

/**
 * The keys that sign what others verify. The first signs; all are published, so that what an older one signed stays good
 * while a newer one takes over. They are loaded when first asked for: RSA is slow to make, and a server is open before.
 */
export class SigningKeys {
  readonly #load: () => Promise<readonly string[]>
  #loaded: Promise<readonly SigningKey[]> | undefined

  /** @param load private RSA keys (PEM, PKCS#8), the one that signs first */
  constructor(load: () => Promise<readonly string[]>) {
    this.#load = load
  }

  /** A failure is not kept: the next who asks tries again. */
  async all(): Promise<readonly SigningKey[]> {
    this.#loaded ??= this.#load().then((texts) => Promise.all(texts.map(readSigningKey)))
    try {
      return await this.#loaded
    } catch (fault) {
      this.#loaded = undefined
      throw fault
    }
  }

  async current(): Promise<SigningKey> {
    const [first] = await this.all()
    if (first === undefined) throw new Error('there is no signing key')
    return first
  }
}

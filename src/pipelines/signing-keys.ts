import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** A key's public half as others fetch it (RFC 7517). */
export interface PublishedKey {
  readonly kty: 'RSA'
  /** Its thumbprint (RFC 7638), as GitLab names its keys. */
  readonly kid: string
  readonly n: string
  readonly e: string
  readonly use: 'sig'
  readonly alg: 'RS256'
}

/** A private RSA key, with what those who verify need of it. */
export interface SigningKey {
  readonly key: KeyObject
  readonly published: PublishedKey
}

/** The members in the order that the RFC says, and no others. */
const thumbprintOf = (n: string, e: string): string =>
  createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url')

/** Throws for what is no private RSA key in PEM. */
const readSigningKey = (pem: string): SigningKey => {
  const key = createPrivateKey(pem)
  const { kty, n, e } = createPublicKey(key).export({ format: 'jwk' })
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('a signing key is an RSA key')
  return { key, published: { kty, kid: thumbprintOf(n, e), n, e, use: 'sig', alg: 'RS256' } }
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
    this.#loaded ??= this.#load().then((texts) => texts.map(readSigningKey))
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

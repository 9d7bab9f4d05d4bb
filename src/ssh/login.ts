import type { AuthContext, Connection, PublicKeyAuthContext } from 'ssh2'
import type { Presented, SignedCertificate } from '../core/credential.ts'
import {
  type CertificateFault,
  certificateType,
  certifiedKeySigned,
  ed25519Blob,
  type SshCertificate,
} from '../tokens/ssh-certificate.ts'
import { fingerprintOf } from '../tokens/ssh-key.ts'
import { type KeyFault, type KeyOffer, keyFault, signedBy } from './signed-key.ts'

export type LoginFault =
  | KeyFault
  | CertificateFault
  | 'key_unknown'
  | 'certificate_unknown'
  | 'signature_wrong'
  | 'user_name_refused'
  | 'method_refused'
  | 'too_many_tries'

/** What is asked of certificates. */
export interface Certificates {
  /** Reads one for this user name: whether our authority gave it, and it holds now. */
  check(blob: Buffer, userName: string): Promise<SshCertificate | CertificateFault>
  /** Whether what it was given for is still there. */
  isKnown(certificate: SignedCertificate): Promise<boolean>
}

export interface LoginParts {
  /** Whether a key of this fingerprint is stored and may be used to log in; an expired one still is. */
  readonly keyKnown: (fingerprint: string) => Promise<boolean>
  readonly certificates: Certificates
  readonly failedTries: number
  readonly onFault: (fault: unknown) => void
}

/** A key or certificate that was proved to be held. */
export type Signed = Extract<Presented, { kind: 'signed-key' | 'signed-certificate' }>

/** GitLab takes no other: who somebody is, the key says. */
const userName = 'git'
const methods: ['publickey'] = ['publickey']
/** A client that asks on and on about keys that are known, and signs with none, is cut as well. */
const mostRequests = 24

/**
 * One connection's way to an identity. Only a key that signed this very session becomes one, and it is the key of the
 * request that was accepted, never one that was offered before.
 */
export class Login {
  readonly #client: Connection
  readonly #parts: LoginParts
  readonly #faults = new Map<string, LoginFault>()
  #failures = 0
  #requests = 0
  #accepting: Signed | undefined
  #isGone = false

  constructor(client: Connection, parts: LoginParts) {
    this.#client = client
    this.#parts = parts
    client.on('end', () => this.#leave())
    client.on('close', () => this.#leave())
    client.on('authentication', (context) => {
      this.#answer(context).catch((fault: unknown) => {
        if (!isOutOfTurn(fault)) parts.onFault(fault)
        client.end()
      })
    })
  }

  /** The key or certificate whose signature is being accepted: defined while `ready` is emitted, and only then. */
  get signed(): Signed | undefined {
    return this.#accepting
  }

  /** For the log: what was offered in vain and why it was refused. Undefined where nothing was. */
  get refused(): Record<string, unknown> | undefined {
    if (this.#faults.size === 0) return undefined
    const [reason] = this.#faults.values()
    return { tries: this.#failures, 'meta.refusal_reason': reason, refused: Object.fromEntries(this.#faults) }
  }

  async #answer(context: AuthContext): Promise<void> {
    this.#requests += 1
    if (this.#failures >= this.#parts.failedTries || this.#requests > mostRequests) return this.#cut()
    // Clients begin with `none` only to ask which methods there are: that is no failed try.
    if (context.method === 'none' && this.#requests === 1) return context.reject(methods)
    if (context.method !== 'publickey') return this.#fail(context, context.method, 'method_refused')
    if (context.username !== userName) return this.#fail(context, 'user name', 'user_name_refused')
    if (!namesKey(context)) return this.#fail(context, 'key', 'key_malformed')
    return context.key.algo === certificateType ? this.#tryCertificate(context) : this.#tryKey(context)
  }

  async #tryKey(context: PublicKeyAuthContext): Promise<void> {
    const offer = offerOf(context)
    const fingerprint = fingerprintOf(offer.blob)
    const fault = keyFault(offer) ?? ((await this.#parts.keyKnown(fingerprint)) ? undefined : 'key_unknown')
    // A login that is accepted after the client left would start timers that nothing ends.
    if (this.#isGone) return
    if (fault !== undefined) return this.#fail(context, fingerprint, fault)
    if (offer.proof === undefined) return context.accept()
    if (!signedBy(offer, offer.proof)) return this.#fail(context, fingerprint, 'signature_wrong')
    this.#accept(context, { kind: 'signed-key', fingerprint })
  }

  /** ssh2 looks at nothing in a certificate: all of it is ours to check, and that its key has signed (OpenSSH, `PROTOCOL.certkeys`). */
  async #tryCertificate(context: PublicKeyAuthContext): Promise<void> {
    const { key, signature, blob } = context
    const name = fingerprintOf(key.data)
    const found = await this.#parts.certificates.check(key.data, context.username)
    if (typeof found === 'string') return this.#fail(context, name, found)
    const certificate = { serial: found.serial, fingerprint: fingerprintOf(ed25519Blob(found.key)) }
    const isKnown = await this.#parts.certificates.isKnown(certificate)
    if (this.#isGone) return
    if (!isKnown) return this.#fail(context, name, 'certificate_unknown')
    if (signature === undefined || blob === undefined) return context.accept()
    if (!certifiedKeySigned(found, blob, signature)) return this.#fail(context, name, 'signature_wrong')
    this.#accept(context, { kind: 'signed-certificate', certificate })
  }

  #accept(context: PublicKeyAuthContext, signed: Signed): void {
    this.#accepting = signed
    context.accept()
    this.#accepting = undefined
  }

  #fail(context: AuthContext, what: string, fault: LoginFault): void {
    this.#failures += 1
    this.#faults.set(what, fault)
    context.reject(methods)
  }

  #leave(): void {
    this.#isGone = true
  }

  #cut(): void {
    this.#faults.set('connection', 'too_many_tries')
    this.#client.end()
  }
}

/** A client that says what only servers say, `USERAUTH_FAILURE` say: for ssh2 there is no request any more that could be answered. */
const isOutOfTurn = (fault: unknown): boolean => fault instanceof Error && fault.message === 'No auth in progress'

/** Where a request ends before its key does, ssh2 hands on what it could read, and nothing for the rest. */
const namesKey = ({ key }: PublicKeyAuthContext): boolean => typeof key.algo === 'string' && Buffer.isBuffer(key.data)

const offerOf = ({ key, hashAlgo, signature, blob }: PublicKeyAuthContext): KeyOffer => ({
  algorithm: key.algo,
  blob: key.data,
  hash: hashAlgo,
  proof: signature && blob && { signed: blob, signature },
})

import type { KeyObject } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import {
  type CertificateFault,
  checkCertificate,
  makeCertificate,
  publicBytesOf,
  type SshCertificate,
} from '../tokens/ssh-certificate.ts'

/** Everybody logs in over SSH by this name. */
export const certifiedUser = 'git'

/** Seconds by which the clock of who uses a certificate may be behind ours. */
const tolerance = 60

/** What a certificate is made of. */
export interface NewCertificate {
  /** 32 bytes of Ed25519. */
  readonly key: Buffer
  readonly serial: number
  readonly keyId: string
  /** Seconds. */
  readonly life: number
}

/** The authority whose SSH certificates our own door takes. Its key is loaded, or made, when it is first asked for. */
export class CertificateAuthority {
  readonly #load: () => Promise<KeyObject>
  readonly #clock: Clock
  #loaded: Promise<KeyObject> | undefined

  /** @param load the private Ed25519 key */
  constructor(load: () => Promise<KeyObject>, clock: Clock) {
    this.#load = load
    this.#clock = clock
  }

  /** Makes a certificate for the key of somebody who was let in: one line, as `ssh` reads it. */
  async certify({ key, serial, keyId, life }: NewCertificate): Promise<string> {
    const seconds = Math.floor(this.#clock() / 1000)
    const times = { validAfter: seconds - tolerance, validBefore: seconds + life }
    return makeCertificate({ key, serial, keyId, principals: [certifiedUser], ...times }, await this.#key())
  }

  /** What a certificate says, where this authority gave it to this user and it holds now. */
  async check(blob: Buffer, userName: string): Promise<SshCertificate | CertificateFault> {
    return checkCertificate(blob, { authority: publicBytesOf(await this.#key()), userName, now: this.#clock() })
  }

  /** A failure is not kept: the next who asks tries again. */
  async #key(): Promise<KeyObject> {
    this.#loaded ??= this.#load()
    try {
      return await this.#loaded
    } catch (fault) {
      this.#loaded = undefined
      throw fault
    }
  }
}

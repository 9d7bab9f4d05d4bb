import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { Secret } from '../core/secret.ts'

/** Where a sealed value stands. It opens nowhere else: whoever moves it to another row, or another column, has nothing. */
export interface SealedPlace {
  readonly table: string
  readonly column: string
  /** The row's number. */
  readonly row: number
}

/** A secret as the database keeps it: `v1.`nonce`.`ciphertext`.`tag, each in base64url. */
export type Sealed = string

/** A stored value that this key does not open, in this place. A fault, never an answer to a client. */
export class BrokenSeal extends Error {}

const cipher = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Of a secret that is sealed, in characters. */
const longestSecret = 65_536

interface Parts {
  readonly nonce: Buffer
  readonly body: Buffer
  readonly tag: Buffer
}

/** Undefined for what is not exactly as `base64url` writes it. */
const bytesOf = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** Reads the form alone; undefined for what was not written by a sealer. */
export const parseSealed = (text: string): Parts | undefined => {
  const [version, ...words] = text.split('.')
  const [nonce, body, tag] = words.map(bytesOf)
  if (version !== 'v1' || words.length !== 3 || nonce === undefined || body === undefined || tag === undefined) return undefined
  return nonce.length === nonceBytes && tag.length === tagBytes ? { nonce, body, tag } : undefined
}

/** What is sealed beside the secret: no two places have the same. */
const bindingOf = ({ table, column, row }: SealedPlace): Buffer => Buffer.from(JSON.stringify(['v1', table, column, row]), 'utf8')

/** Seals secrets that are handed out again, and opens them: AES-256-GCM, by a key that never stands in the database. */
export class Sealer {
  readonly #key: KeyObject

  constructor(key: KeyObject) {
    if (key.type !== 'secret' || key.symmetricKeySize !== keyBytes) throw new Error(`a sealing key has ${keyBytes} bytes`)
    this.#key = key
  }

  /** By this the database knows its key again; says nothing about the key. */
  get fingerprint(): string {
    return createHmac('sha256', this.#key).update('sallyport sealing key').digest('hex')
  }

  seal(secret: Secret, place: SealedPlace): Sealed {
    const text = Secret.open(secret)
    if (text.length > longestSecret) throw new Error('a secret is too long to be sealed')
    const nonce = randomBytes(nonceBytes)
    const sealing = createCipheriv(cipher, this.#key, nonce).setAAD(bindingOf(place))
    const body = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()])
    return ['v1', ...[nonce, body, sealing.getAuthTag()].map((bytes) => bytes.toString('base64url'))].join('.')
  }

  /** Throws `BrokenSeal` for what was sealed by another key, or in another place, or was changed since. */
  open(sealed: Sealed, place: SealedPlace): Secret {
    const where = `${place.table}.${place.column} of row ${place.row}`
    const parts = parseSealed(sealed)
    if (parts === undefined) throw new BrokenSeal(`${where} is not a sealed value`)
    const opening = createDecipheriv(cipher, this.#key, parts.nonce, { authTagLength: tagBytes }).setAAD(bindingOf(place))
    try {
      const start = opening.setAuthTag(parts.tag).update(parts.body)
      return new Secret(Buffer.concat([start, opening.final()]).toString('utf8'))
    } catch {
      throw new BrokenSeal(`${where} cannot be opened with the key of this server`)
    }
  }
}

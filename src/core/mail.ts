import { Secret } from './secret.ts'

/** Where letters are handed in. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (`smtps`); else by STARTTLS, where the server offers it. */
  readonly tls: boolean
  readonly user: string | undefined
  readonly password: Secret | undefined
}

/** Who a letter is from. */
export interface MailAddress {
  readonly name: string
  readonly address: string
}

const serverPattern =
  /^(smtps?):\/\/(?:([^:@/?#]+)(?::([^:@/?#]*))?@)?(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?\/?$/

/** Percent-decoded; undefined where it is not written so. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** `smtp://user:password@host:port`; user and password may be left out, and are percent-encoded. */
export const parseMailServer = (text: string): MailServer | undefined => {
  const match = serverPattern.exec(text)
  const host = match?.[4] ?? match?.[5]
  if (match === null || host === undefined) return undefined
  const tls = match[1] === 'smtps'
  const port = match[6] === undefined ? (tls ? 465 : 587) : Number(match[6])
  const [user, password] = [match[2], match[3]].map((word) => (word === undefined ? undefined : (decoded(word) ?? '')))
  if (port === 0 || port > 65_535 || user === '') return undefined
  if (password === '' && match[3] !== '') return undefined
  return { host, port, tls, user, password: password === undefined ? undefined : new Secret(password) }
}

const addressPattern = /^(?:([^<>\r\n"]{0,200}?)\s*<([^<>\s@,;]+@[^<>\s@,;]+)>|([^<>\s@,;]+@[^<>\s@,;]+))$/

/** `git@example.org`, or `Sallyport <git@example.org>`. */
export const parseMailAddress = (text: string): MailAddress | undefined => {
  const match = text.length > 500 ? null : addressPattern.exec(text)
  const address = match?.[2] ?? match?.[3]
  return address === undefined ? undefined : { name: match?.[1] ?? '', address }
}

import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import type MailComposer from 'nodemailer/lib/mail-composer'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { MailAddress, MailServer } from '../core/mail.ts'
import { Secret } from '../core/secret.ts'

export interface Mail {
  readonly from: MailAddress
  readonly to: MailAddress
  readonly subject: string
  readonly text: string
  /** The same for the same letter, so that a second copy could be told from the first. */
  readonly messageId: string
}

/**
 * What became of a letter. `unreachable`: the mail server never saw it. `refused`: it said no. `unsure`: it was reading
 * the letter when the connection broke, so that it may have taken it.
 */
export type Delivery =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'unreachable' | 'refused' | 'unsure'; readonly why: string }

/** The way to the mail server; one letter at a time. */
export interface Post {
  /** @param handOver runs once the server asks for the letter's text, and before it gets the first byte */
  send(mail: Mail, handOver: () => Promise<void>): Promise<Delivery>
  close(): void
}

/** In milliseconds; a server that is silent for so long is given up. */
const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 }

interface Machinery {
  readonly Connection: typeof SMTPConnection
  readonly Composer: typeof MailComposer
}

const load = async (): Promise<Machinery> => {
  const [connection, composer] = await Promise.all([
    import('nodemailer/lib/smtp-connection'),
    import('nodemailer/lib/mail-composer'),
  ])
  return { Connection: connection.default, Composer: composer.default }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)

/** A password crosses no network in the clear, and certificates are checked, but for a server on this machine. */
const optionsOf = ({ host, port, tls, user }: MailServer) => ({
  host,
  port,
  secure: tls,
  requireTLS: user !== undefined && !isLoopback(host),
  tls: { rejectUnauthorized: !isLoopback(host) },
  ...limits,
})

const whyOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault)).slice(0, 300)

const hasReply = (fault: unknown): boolean =>
  typeof fault === 'object' && fault !== null && 'responseCode' in fault && typeof fault.responseCode === 'number'

const compose = (Composer: typeof MailComposer, { from, to, subject, text, messageId }: Mail): Promise<Buffer> =>
  new Composer({ from, to, subject, text, messageId, headers: { 'Auto-Submitted': 'auto-generated' } }).compile().build()

/** A name for addresses of this host: a bare number stands in brackets there. */
export const mailHost = (host: string): string => {
  const bare = host.replace(/^\[|\]$/g, '')
  const family = isIP(bare)
  return family === 0 ? host : family === 4 ? `[${bare}]` : `[IPv6:${bare}]`
}

/** Settles with the connection's own end too, however it comes. */
const orItsEnd = (connection: SMTPConnection, work: (done: (fault?: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const ended = (): void => settle(new Error('the mail server closed the connection'))
    const settle = (fault?: unknown): void => {
      connection.removeListener('error', settle)
      connection.removeListener('end', ended)
      if (fault) reject(fault)
      else resolve()
    }
    connection.once('error', settle)
    connection.once('end', ended)
    work(settle)
  })

/** Hands letters in over SMTP, over one connection for as long as all goes well. */
export class SmtpPost implements Post {
  readonly #server: MailServer
  #machinery: Promise<Machinery> | undefined
  #connection: SMTPConnection | undefined
  /** The connection is open and logged in. */
  #usable = false

  constructor(server: MailServer) {
    this.#server = server
  }

  async send(mail: Mail, handOver: () => Promise<void>): Promise<Delivery> {
    const seen = { sent: false, handed: false }
    try {
      this.#machinery ??= load()
      const { Connection, Composer } = await this.#machinery
      const message = await compose(Composer, mail)
      const connection = await this.#connected(Connection)
      seen.sent = true
      await this.#deliver(connection, mail, message, async () => {
        await handOver()
        seen.handed = true
      })
      return { kind: 'delivered' }
    } catch (fault) {
      this.close()
      if (seen.sent && hasReply(fault)) return { kind: 'refused', why: whyOf(fault) }
      return { kind: seen.handed ? 'unsure' : 'unreachable', why: whyOf(fault) }
    }
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#usable = false
  }

  async #connected(Connection: Machinery['Connection']): Promise<SMTPConnection> {
    if (this.#connection !== undefined && this.#usable) return this.#connection
    const connection = new Connection(optionsOf(this.#server))
    this.#connection = connection
    // One that breaks while nobody waits for it is noticed by the next letter.
    connection.on('error', () => {})
    await orItsEnd(connection, (done) => connection.connect((fault) => done(fault)))
    await this.#logIn(connection)
    this.#usable = true
    return connection
  }

  async #logIn(connection: SMTPConnection): Promise<void> {
    const { user, password } = this.#server
    if (user === undefined) return
    const pass = password === undefined ? '' : Secret.open(password)
    await orItsEnd(connection, (done) => connection.login({ user, pass, credentials: { user, pass } }, (fault) => done(fault)))
  }

  #deliver(connection: SMTPConnection, mail: Mail, message: Buffer, handOver: () => Promise<void>): Promise<void> {
    const body = async function* (): AsyncGenerator<Buffer> {
      await handOver()
      yield message
    }
    const envelope = { from: mail.from.address, to: [mail.to.address], size: message.length }
    return orItsEnd(connection, (done) => connection.send(envelope, Readable.from(body()), (fault) => done(fault)))
  }
}

import { EventEmitter, once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface Received {
  readonly to: readonly string[]
  readonly subject: string
  /** As it came: headers and body. */
  readonly raw: string
  /** The body with its transfer encoding undone. */
  readonly text: string
}

/** A real mail server on a free port that keeps what it is given. */
export interface Mailbox {
  readonly port: number
  readonly received: Received[]
  /** Resolves when so many have come. */
  count(least: number): Promise<readonly Received[]>
  /** Breaks every connection off, as a machine that falls over. */
  cut(): void
  close(): Promise<void>
}

const decodeQuoted = (text: string): string =>
  Buffer.from(
    text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

const decode = (headers: string, body: string): string => {
  if (/content-transfer-encoding: quoted-printable/i.test(headers)) return decodeQuoted(body)
  if (/content-transfer-encoding: base64/i.test(headers)) return Buffer.from(body, 'base64').toString('utf8')
  return body
}

const parse = (raw: string, to: readonly string[]): Received => {
  const end = raw.indexOf('\r\n\r\n')
  const headers = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ')
  const subject = /^Subject: (.*)$/im.exec(headers)?.[1]?.trim() ?? ''
  return { to, subject, raw, text: decode(headers, raw.slice(end + 4)).replaceAll('\r\n', '\n') }
}

/** @param verdict an error with a `responseCode` refuses the letter; it is asked once all of it has come */
export const openMailbox = async (
  options: SMTPServerOptions = {},
  verdict: (received: Received) => Error | undefined | Promise<Error | undefined> = () => undefined,
): Promise<Mailbox> => {
  const received: Received[] = []
  const news = new EventEmitter()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 1,
    ...options,
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', async () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const letter = parse(Buffer.concat(parts).toString('utf8'), to)
        const refusal = await verdict(letter)
        if (refusal === undefined) received.push(letter)
        done(refusal ?? null)
        news.emit('letter')
      })
    },
  })
  server.on('error', () => {})
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    async count(least) {
      while (received.length < least) await once(news, 'letter')
      return received
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

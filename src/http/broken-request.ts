import type { Duplex } from 'node:stream'
import { peerAddress } from '../core/ip-address.ts'
import { type Logger, tellLine } from '../log.ts'

interface Answer {
  readonly status: string
  readonly text: string
}

const answers: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', text: 'The header of the request is too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', text: 'The request did not come in time.' },
}

const standard: Answer = { status: '400 Bad Request', text: 'The request is not valid HTTP.' }
const longTarget: Answer = { status: '414 URI Too Long', text: 'The URL is too long.' }

/** A head that overflowed with a first line longer than any URL that we take. */
const isTargetTooLong = (error: Error): boolean => {
  if (!('rawPacket' in error) || !Buffer.isBuffer(error.rawPacket)) return false
  const start = error.rawPacket.toString('latin1', 0, 16 * 2 ** 10)
  return /^[A-Z]+ \S{8192}/.test(start)
}

const answerTo = (error: Error, code: string): Answer => {
  if (code === 'HPE_HEADER_OVERFLOW' && isTargetTooLong(error)) return longTarget
  return Object.hasOwn(answers, code) ? (answers[code] ?? standard) : standard
}

/**
 * Answers bytes that never became a request: one 4xx, one line in the log, and the connection is over.
 * @param isAnswering an answer has begun on the connection: ours would be read as part of it, so that none is given
 */
export const answerBroken = (error: Error, socket: Duplex, isAnswering: boolean, log: Logger): void => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, text } = answerTo(error, code)
  const address =
    'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? peerAddress(socket.remoteAddress) : undefined
  const line = { door: 'http', status: Number(status.slice(0, 3)), remote_ip: address ?? '', 'meta.refusal_reason': code }
  tellLine(log, 'warn', line, 'http request')
  if (isAnswering) {
    socket.destroy()
    return
  }
  const head = `Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}`
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${text}`, () => socket.destroy())
}

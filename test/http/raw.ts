import { once } from 'node:events'
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

const parse = (text: string): Answer => {
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), headers: head, body: end < 0 ? '' : text.slice(end + 4) }
}

/** Sends bytes as they are and reads until the server closes, which the request should ask for. */
export const sendRaw = async (port: number, bytes: string | Buffer): Promise<Answer> => {
  const socket = connect(port, '127.0.0.1')
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return parse(Buffer.concat(heard).toString('latin1'))
}

export const requestHead = (line: string, headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '\r\n'].join('\r\n')

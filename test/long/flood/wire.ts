import { connect, type Socket } from 'node:net'

/** Another address of this machine for each number: all of 127.0.0.0/8 is ours. */
export const sourceOf = (number: number): string =>
  `127.${1 + (number % 200)}.${Math.floor(number / 200) % 250}.${1 + (number % 250)}`

export const openFrom = (port: number, number: number): Socket => {
  const socket = connect({ port, host: '127.0.0.1', localAddress: sourceOf(number) })
  socket.on('error', () => {})
  return socket
}

export const packet = (text: string): string => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text

export const basic = (login: string, secret: string): string =>
  `Authorization: Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`

export const head = (line: string, headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, 'Host: x', ...headers, '\r\n'].join('\r\n')

/** The body of a fetch by protocol 2. */
export const fetchBody = (words: readonly string[]): string => `${packet('command=fetch\n')}0001${words.join('')}0000`

/** Sends one request whole and reads the answer to its end; its status, or `closed` where there was none. */
export const ask = (port: number, number: number, bytes: Buffer | string, onBytes?: (length: number) => void): Promise<string> =>
  new Promise((resolve) => {
    const socket = openFrom(port, number)
    let start = ''
    socket.on('data', (chunk: Buffer) => {
      if (start.length < 12) start += chunk.toString('latin1', 0, 12)
      onBytes?.(chunk.length)
    })
    socket.on('close', () => resolve(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1] ?? 'closed'))
    socket.write(bytes)
  })

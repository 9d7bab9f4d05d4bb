import { connect } from 'node:net'

export interface Bounds {
  /** Without a byte for so long, the client says that it has said all, in milliseconds. */
  readonly quiet: number
  /** From then on the connection has to end within so many milliseconds. */
  readonly patience: number
}

/** Whether bytes hold an answer of HTTP to its end, which only two forms tell. */
const isWhole = (heard: string): boolean => {
  const last = heard.lastIndexOf('HTTP/1.1 ')
  const end = heard.indexOf('\r\n\r\n', last)
  if (last < 0 || end < 0) return false
  const head = heard.slice(last, end).toLowerCase()
  if (/^http\/1\.1 (204|304)/.test(head)) return true
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1]
  if (length !== undefined) return heard.length >= end + 4 + Number(length)
  return head.includes('\r\ntransfer-encoding: chunked') && heard.endsWith('0\r\n\r\n')
}

export interface Heard {
  /** In the order in which they came. */
  readonly statuses: readonly number[]
  readonly text: string
  /** False: the connection was still open after all patience. */
  readonly ended: boolean
}

const statusesIn = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))

/** Sends bytes, says that this was all once an answer has come or nothing comes, and waits for the end. */
export const say = (port: number, bytes: Buffer, { quiet, patience }: Bounds): Promise<Heard> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let text = ''
    let timer = setTimeout(() => hush(), quiet)
    const finish = (ended: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ statuses: statusesIn(text), text, ended })
    }
    const hush = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => finish(false), patience)
      socket.end()
    }
    socket.on('data', (chunk: Buffer) => {
      if (text.length < 2 ** 20) text += chunk.toString('latin1')
      if (socket.writableEnded) return
      if (isWhole(text)) hush()
      else timer.refresh()
    })
    socket.on('error', () => {})
    socket.on('end', () => finish(true))
    socket.on('close', () => finish(true))
    socket.write(bytes)
  })

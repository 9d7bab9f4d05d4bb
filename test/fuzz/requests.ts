import type { Dice } from './dice.ts'
import { httpMutations, mutate } from './mutate.ts'

/** A request as it came over the wire. */
export interface Sample {
  readonly head: Buffer
  readonly body: Buffer
}

const headEnd = Buffer.from('\r\n\r\n')

const chunkedEnd = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf('0\r\n\r\n', from)
  return end < 0 ? bytes.length : end + 5
}

const bodyEnd = (head: string, bytes: Buffer, from: number): number => {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedEnd(bytes, from)
  return from + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
}

/** The requests that a client sent over one connection, in their order. */
export const requestsIn = (bytes: Buffer): Sample[] => {
  const found: Sample[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(headEnd, at)
    if (end < 0) break
    const head = bytes.subarray(at, end + headEnd.length)
    const next = bodyEnd(head.toString('latin1'), bytes, end + headEnd.length)
    found.push({ head, body: bytes.subarray(end + headEnd.length, next) })
    at = next
  }
  return found
}

/** A request put together by hand. */
export const request = (line: string, headers: readonly string[] = [], body: string | Buffer = ''): Sample => {
  const bytes = Buffer.from(body)
  const length = bytes.length > 0 || /^(POST|PUT|PATCH)/.test(line) ? [`Content-Length: ${bytes.length}`] : []
  return {
    head: Buffer.from([`${line} HTTP/1.1`, 'Host: localhost', ...headers, ...length, '\r\n'].join('\r\n'), 'latin1'),
    body: bytes,
  }
}

type HeaderTrick = (lines: string[], dice: Dice) => string[]

const withLine = (lines: string[], dice: Dice, line: string): string[] => lines.toSpliced(1 + dice.below(lines.length), 0, line)

const added: readonly string[] = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Content-Length: 5',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Encoding: gzip',
  'Content-Encoding: br',
  'Expect: 100-continue',
  'Expect: something',
  'Connection: upgrade',
  'Upgrade: h2c',
  'Range: bytes=0-1',
  'If-None-Match: *',
  'If-Unmodified-Since: nonsense',
  'X-HTTP-Method-Override: DELETE',
  'X-Forwarded-For: 1.2.3.4, , x',
  'X-Forwarded-Host: evil.example',
  'Git-Protocol: version=2:version=1',
  'Git-Protocol: version=1',
  'Git-Protocol: version=2\0--upload-pack=id',
  `Git-Protocol: ${'version=2:'.repeat(40)}`,
  'Sudo: root',
  'Accept: application/json;q=9e9',
  'Authorization: Bearer',
  'Authorization: Basic Og==',
  'Private-Token: glpat-\x01',
  'Job-Token: [MASKED]',
  'Cookie: _gitlab_session=a; _gitlab_session=b',
  'Origin: null',
  ' folded: line',
  'no colon',
  ': no name',
  'X: \x80\xff',
  `X: ${'y'.repeat(40_000)}`,
]

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'G E T', '']

const firstLine = (lines: string[], change: (line: string) => string): string[] => [change(lines[0] ?? ''), ...lines.slice(1)]

const headerTricks: readonly HeaderTrick[] = [
  (lines, dice) => withLine(lines, dice, dice.pick(added)),
  (lines, dice) => withLine(lines, dice, dice.pick(added)),
  (lines, dice) => withLine(lines, dice, dice.pick(lines)),
  (lines, dice) => lines.toSpliced(dice.below(lines.length), 1),
  (lines, dice) => firstLine(lines, (line) => line.replace(/^\S+/, dice.pick(methods))),
  (lines, dice) =>
    firstLine(lines, (line) => line.replace(/HTTP\/1\.1$/, dice.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', '']))),
  (lines, dice) =>
    firstLine(lines, (line) => line.replace(' /', dice.pick([' http://evil.example/', ' //', ' /%2f', ' *', ' /./', ' /../']))),
  (lines, dice) =>
    firstLine(lines, (line) => line.replace(/(\?|$)/, dice.pick(['?a=b&', '?private_token=x&', '?per_page=-1&', '#x']))),
  (lines, dice) => [...lines, ...Array.from({ length: dice.pick([1, 150, 300]) }, (_, at) => `X-${at}: y`)],
]

const trick = (head: Buffer, dice: Dice): Buffer => {
  const lines = head.toString('latin1').trimEnd().split('\r\n')
  return Buffer.from(`${dice.pick(headerTricks)(lines, dice).join('\r\n')}\r\n\r\n`, 'latin1')
}

/** So that what was changed in a body is read to its end. */
const withLength = ({ head, body }: Sample): Sample => {
  const text = head.toString('latin1').replace(/(\r\ncontent-length: *)\d+/i, (_, name: string) => `${name}${body.length}`)
  return { head: Buffer.from(text, 'latin1'), body }
}

/** Path and query: what is changed there leaves a request of HTTP, if no blanks come in. */
const mutateTarget = (head: Buffer, dice: Dice, other: Buffer): Buffer => {
  const start = head.indexOf('/')
  const end = head.indexOf(' HTTP/')
  const changed = mutate(
    head.subarray(start, end),
    dice,
    other.subarray(other.indexOf('/'), other.indexOf(' HTTP/')),
    httpMutations,
  )
  const target = dice.once(4) ? changed : Buffer.from(changed.toString('latin1').replace(/[^!-~]/g, encoded), 'latin1')
  return Buffer.concat([head.subarray(0, start), target, head.subarray(end)])
}

const encoded = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`

type Way = (sample: Sample, dice: Dice, other: Sample) => Buffer

const inHead: readonly Way[] = [
  ({ head, body }, dice) => Buffer.concat([trick(head, dice), body]),
  ({ head, body }, dice, other) => Buffer.concat([mutate(head, dice, other.head, httpMutations), body]),
  ({ head, body }, dice, other) => Buffer.concat([mutateTarget(head, dice, other.head), body]),
  ({ head, body }, dice, other) => Buffer.concat([mutateTarget(head, dice, other.head), body]),
]

const inBody: Way = ({ head, body }, dice, other) => {
  const changed = { head, body: mutate(body, dice, other.body, httpMutations) }
  const kept = dice.once(8) ? changed : withLength(changed)
  return Buffer.concat([kept.head, kept.body])
}

/** Changed by tricks of headers, anywhere in its head, in its target, or, mostly, in its body where it has one. */
export const mutateRequest: Way = (sample, dice, other) => {
  const hasBody = sample.body.length > 0
  return hasBody && !dice.once(3) ? inBody(sample, dice, other) : dice.pick(inHead)(sample, dice, other)
}

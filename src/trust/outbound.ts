import { lookup } from 'node:dns/promises'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { type IpRange, isInRanges, parsePeer } from '../core/ip-address.ts'
import { mayCall } from './public-addresses.ts'

/** Why nothing came of a call; in words for whoever may see the trust. */
export class CallFailed extends Error {}

/** Bounds of one call. */
export const callLimits = { milliseconds: 5_000, bytes: 256 * 1024, addresses: 16 } as const
export type CallLimits = { readonly [Name in keyof typeof callLimits]: number }

interface Resolved {
  readonly address: string
  readonly family: number
}

export interface OutboundParts {
  /** Private addresses that may be called. */
  readonly opened: readonly IpRange[]
  /** All addresses of a name; rejects where there are none. */
  readonly resolve?: (name: string) => Promise<readonly Resolved[]>
  readonly limits?: CallLimits
}

const resolveName = (name: string): Promise<readonly Resolved[]> => lookup(name, { all: true, order: 'verbatim' })

/** The words are the same for a name that does not exist and for one that leads inside: nobody maps our network by them. */
const nowhere = 'the name leads to no address that may be called'

/** `[::1]` → `::1`. */
const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

const addressesOf = async (
  url: URL,
  { resolve = resolveName, limits = callLimits }: OutboundParts,
): Promise<readonly Resolved[]> => {
  const host = bareHost(url)
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  const found = await resolve(host).catch(() => [])
  return found.slice(0, limits.addresses)
}

const isOpened = ({ address }: Resolved, opened: readonly IpRange[]): boolean => {
  const parsed = parsePeer(address)
  return parsed !== undefined && isInRanges(parsed, opened)
}

const isCallable = ({ address }: Resolved, opened: readonly IpRange[]): boolean => {
  const parsed = parsePeer(address)
  return parsed !== undefined && mayCall(parsed, opened)
}

/**
 * The one address to call. Every address of the name must be one that may be called: which of them is taken is not left
 * to whoever answers for the name. Without TLS only what was opened is called.
 */
const checkedAddress = async (url: URL, parts: OutboundParts): Promise<Resolved> => {
  const found = await addressesOf(url, parts)
  const [first] = found
  if (first === undefined || !found.every((one) => isCallable(one, parts.opened))) throw new CallFailed(nowhere)
  if (url.protocol !== 'https:' && !found.every((one) => isOpened(one, parts.opened))) throw new CallFailed('https is asked for')
  return first
}

const checkedUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new CallFailed('it is no web address')
  if (url.username !== '' || url.password !== '') throw new CallFailed('the address holds a password')
  return url
}

/** The connection goes to the address that was checked: the name is not looked up a second time. */
const optionsFor = (url: URL, { address, family }: Resolved, signal: AbortSignal): RequestOptions => ({
  method: 'GET',
  agent: false,
  signal,
  headers: { Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': 'Sallyport' },
  lookup: (_name, options, done) => {
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  },
  maxHeaderSize: 16 * 1024,
  hostname: bareHost(url),
  port: url.port,
  path: `${url.pathname}${url.search}`,
})

const answerTo = (url: URL, options: RequestOptions): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = open(options)
    request.once('response', resolve)
    request.once('error', reject)
    request.end()
  })

const bodyOf = async (response: IncomingMessage, most: number): Promise<Buffer> => {
  if (Number(response.headers['content-length'] ?? 0) > most) throw new CallFailed('the answer is too large')
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response) {
    const bytes = Buffer.from(piece)
    length += bytes.length
    if (length > most) throw new CallFailed('the answer is too large')
    pieces.push(bytes)
  }
  return Buffer.concat(pieces)
}

/** A redirect is not followed: where it leads, nobody has said that it may be believed. */
const refuseUnusable = ({ statusCode = 0, headers }: IncomingMessage): void => {
  if (statusCode >= 300 && statusCode < 400) throw new CallFailed('it redirects, which is not followed')
  if (statusCode !== 200) throw new CallFailed(`it answered ${statusCode}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new CallFailed('the answer is compressed')
}

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new CallFailed('the answer is no JSON')
  }
}

const readJson = async (url: URL, address: Resolved, signal: AbortSignal, most: number): Promise<unknown> => {
  const response = await answerTo(url, optionsFor(url, address, signal))
  try {
    refuseUnusable(response)
    return parsed(await bodyOf(response, most))
  } finally {
    response.destroy()
  }
}

const codeOf = (fault: unknown): string =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : 'failed'

const late = (milliseconds: number): CallFailed => new CallFailed(`no whole answer came within ${milliseconds / 1000} seconds`)

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/**
 * Fetches JSON from outside: one request, to one address that was checked, within bounds of size and time for all of it.
 * Throws `CallFailed`.
 */
export const fetchJson = async (text: string, parts: OutboundParts): Promise<unknown> => {
  const { milliseconds, bytes } = parts.limits ?? callLimits
  const url = checkedUrl(text)
  const signal = AbortSignal.timeout(milliseconds)
  const call = async (): Promise<unknown> => readJson(url, await checkedAddress(url, parts), signal, bytes)
  try {
    return await Promise.race([call(), untilAborted(signal)])
  } catch (fault) {
    if (fault instanceof CallFailed) throw fault
    throw signal.aborted ? late(milliseconds) : new CallFailed(`it could not be called (${codeOf(fault)})`)
  }
}

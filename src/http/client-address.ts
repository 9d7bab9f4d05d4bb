import type { IncomingMessage } from 'node:http'
import { formatIp, type IpAddress, type IpRange, ipRanges, isInRanges, parseIp, parsePeer } from '../core/ip-address.ts'

/** The most that is read of `X-Forwarded-For`, from its end: characters and entries. */
const longestHeader = 2_048
const mostEntries = 32

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const parseEntry = (text: string): IpAddress | undefined => {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? []
  return parseIp(bracketed ?? dotted ?? text)
}

/** From the last to the first. */
const entriesOf = (header: string): readonly string[] => {
  const end = header.slice(-longestHeader)
  const entries = end.split(',').map((entry) => entry.trim())
  // What was cut at its beginning is no entry.
  return (end.length < header.length ? entries.slice(1) : entries).slice(-mostEntries).reverse()
}

/**
 * Where a request comes from: walks from the socket's peer backwards through what each proxy says it heard from, for as
 * long as the one who says it is trusted. Whatever a client wrote itself stands further left and is never reached. An
 * entry that is no address ends the walk at the proxy that wrote it.
 */
export const clientOf = (peer: IpAddress, forwardedFor: string | undefined, trusted: readonly IpRange[]): IpAddress => {
  let client = peer
  if (forwardedFor === undefined) return client
  for (const entry of entriesOf(forwardedFor)) {
    if (!isInRanges(client, trusted)) return client
    const before = parseEntry(entry)
    if (before === undefined) return client
    client = before
  }
  return client
}

export type AddressOf = (request: IncomingMessage) => string | undefined

/**
 * Tells the address of the client of a request, in its one written form; undefined where the connection is gone.
 * `X-Forwarded-For` counts only from the proxies of the setting `SALLYPORT_TRUSTED_PROXIES`.
 */
export const clientAddressBy = (trustedProxies: readonly string[]): AddressOf => {
  const trusted = ipRanges(trustedProxies)
  return (request) => {
    const peer = parsePeer(request.socket.remoteAddress)
    const header = request.headers['x-forwarded-for']
    return peer && formatIp(clientOf(peer, typeof header === 'string' ? header : header?.join(','), trusted))
  }
}

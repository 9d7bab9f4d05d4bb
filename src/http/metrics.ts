import type { IncomingMessage, ServerResponse } from 'node:http'
import { type IpRange, ipRanges, isInRanges, parseIp, parsePeer } from '../core/ip-address.ts'
import { sendText } from './plain-text.ts'

/** Where Prometheus asks, as in GitLab. */
export const metricsPath = '/-/metrics'

export interface MonitorRanges {
  readonly monitorAllow: readonly string[]
  readonly trustedProxies: readonly string[]
}

/** A proxy that nobody named stands between us and whoever asks: its address says nothing of theirs. */
const cameThroughStranger = (request: IncomingMessage, trusted: readonly IpRange[]): boolean => {
  const peer = parsePeer(request.socket.remoteAddress)
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined
  return isForwarded && (peer === undefined || !isInRanges(peer, trusted))
}

/**
 * For whom there is such an address at all; all others are told that there is none (GitLab docs, "IP allowlist").
 * `address` is the client's, behind the proxies that are trusted. GitLab trusts a proxy on the same machine from the
 * start; here it has to be named, and until then nobody who comes through it passes for this machine.
 */
export const mayMonitorBy = ({ monitorAllow, trustedProxies }: MonitorRanges) => {
  const allowed = ipRanges(monitorAllow)
  const trusted = ipRanges(trustedProxies)
  return (request: IncomingMessage, address: string | undefined): boolean => {
    const client = address === undefined ? undefined : parseIp(address)
    return client !== undefined && isInRanges(client, allowed) && !cameThroughStranger(request, trusted)
  }
}

/** Prometheus docs, "Text-based format". */
const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** @param text the figures, undefined where they cannot be had now */
export const answerMetrics = async (
  method: string,
  response: ServerResponse,
  text: () => Promise<string | undefined>,
): Promise<void> => {
  if (method !== 'GET' && method !== 'HEAD') return sendText(response, 405, 'This address takes GET only.', { Allow: 'GET' })
  const figures = await text()
  if (figures === undefined) sendText(response, 503, 'The figures cannot be had now.', { 'Retry-After': '5' })
  else sendText(response, 200, figures, { 'Content-Type': contentType })
}

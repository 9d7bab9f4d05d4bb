import type { ServerResponse } from 'node:http'
import { type IpRange, isInRanges, parseIp } from '../core/ip-address.ts'
import { sendText } from './plain-text.ts'

/** Where Prometheus asks, as in GitLab. */
export const metricsPath = '/-/metrics'

/** For whom there is such an address at all; all others are told that there is none (GitLab docs, "IP allowlist"). */
export const mayMonitor = (address: string | undefined, allowed: readonly IpRange[]): boolean => {
  const client = address === undefined ? undefined : parseIp(address)
  return client !== undefined && isInRanges(client, allowed)
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

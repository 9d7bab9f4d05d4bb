import type { ServerResponse } from 'node:http'

/** A host that can stand in a policy as it is. Others might hold a semicolon, and IPv6 addresses are not known there. */
const plainHost = /^[a-z0-9.-]+(?::\d{1,5})?$/i

/**
 * What a policy says of an address outside, to which a form leads. Browsers hold redirects after a form against it too.
 * Undefined for what is no address.
 */
export const policySource = (address: string): string | undefined => {
  if (!URL.canParse(address)) return undefined
  const { protocol, host } = new URL(address)
  const isWeb = protocol === 'http:' || protocol === 'https:'
  return isWeb && plainHost.test(host) ? `${protocol}//${host}` : protocol
}

const policy = (leadsTo: string | undefined): string => {
  const outside = leadsTo === undefined ? undefined : policySource(leadsTo)
  const targets = outside === undefined ? "'self'" : `'self' ${outside}`
  return `default-src 'none'; style-src 'self'; form-action ${targets}; frame-ancestors 'none'; base-uri 'none'`
}

/** Of every page: no script at all, nobody frames it, and no other site learns where one was. */
export const secureHeaders = (response: ServerResponse, leadsTo?: string): void => {
  response.setHeader('Content-Security-Policy', policy(leadsTo))
  response.setHeader('X-Frame-Options', 'DENY')
  // Not `no-referrer`: with that, browsers would not say where a form comes from.
  response.setHeader('Referrer-Policy', 'same-origin')
}

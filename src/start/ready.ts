import { formatAddress, type Settings } from '../config.ts'
import type { Listening } from './server.ts'

export const webUrl = (settings: Settings, where: Listening): string =>
  settings.url ?? `${settings.tlsCert === undefined ? 'http' : 'https'}://${formatAddress(where.http)}`

/** The one line on standard output by which scripts know that both doors are open. */
export const readyLine = (settings: Settings, where: Listening): string => {
  const scheme = settings.tlsCert === undefined ? 'http' : 'https'
  const ssh = where.ssh === undefined ? 'off' : `ssh://git@${formatAddress(where.ssh)}`
  return `sallyport ready http=${scheme}://${formatAddress(where.http)} ssh=${ssh}`
}

/** Says where a token that is new was kept; never the token, since standard output is often a log. */
export const tokenLine = (file: string): string => `sallyport: the administrator's token is in ${file}`

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

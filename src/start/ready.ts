import { formatAddress, type Settings } from '../config.ts'
import type { Listening } from './server.ts'

const webAddress = (settings: Settings, where: Listening): string =>
  `${settings.tlsCert === undefined ? 'http' : 'https'}://${formatAddress(where.http)}`

export const webUrl = (settings: Settings, where: Listening): string => settings.url ?? webAddress(settings, where)

/** The one line on standard output by which scripts know that both doors are open. */
const readyLine = (settings: Settings, where: Listening): string => {
  const ssh = where.ssh === undefined ? 'off' : `ssh://git@${formatAddress(where.ssh)}`
  return `sallyport ready http=${webAddress(settings, where)} ssh=${ssh}`
}

/** Says where a token that is new was kept; never the token, since standard output is often a log. */
const tokenLine = (file: string): string => `sallyport: the administrator's token is in ${file}`

const asJson = (settings: Settings, where: Listening, newToken: string | undefined): string =>
  JSON.stringify({
    ready: true,
    http: webAddress(settings, where),
    ssh: where.ssh === undefined ? null : `ssh://git@${formatAddress(where.ssh)}`,
    ...(newToken !== undefined && { token_file: newToken }),
  })

/**
 * What a person or a script is told on standard output once the doors are open.
 * @param newToken the file of a token that is new
 */
export const announce = (settings: Settings, where: Listening, newToken: string | undefined): void => {
  const lines = settings.json
    ? [asJson(settings, where, newToken)]
    : [...(newToken === undefined ? [] : [tokenLine(newToken)]), readyLine(settings, where)]
  process.stdout.write(`${lines.join('\n')}\n`)
}

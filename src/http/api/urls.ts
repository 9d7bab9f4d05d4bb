import { formatAddress, type Settings } from '../../config.ts'

/** What the public base URL follows from. */
export type PublicPlace = Pick<Settings, 'url' | 'http'> & Partial<Pick<Settings, 'tlsCert'>>

/** The public base URL, without a slash at its end. */
export const baseUrl = ({ url, http, tlsCert }: PublicPlace): string =>
  url ?? `${tlsCert === undefined ? 'http' : 'https'}://${formatAddress(http)}`

export const webUrl = (settings: PublicPlace, path: string): string => `${baseUrl(settings)}/${path}`

export const httpCloneUrl = (settings: PublicPlace, path: string): string => `${webUrl(settings, path)}.git`

/** `git@host:path.git` on the standard port, with `ssh://` on another; null where the door is off. */
export const sshCloneUrl = (settings: Pick<Settings, 'ssh' | 'sshPublic'>, path: string): string | null => {
  if (settings.ssh === 'off') return null
  const address = settings.sshPublic ?? formatAddress(settings.ssh)
  return address.endsWith(':22') ? `git@${address.slice(0, -':22'.length)}:${path}.git` : `ssh://git@${address}/${path}.git`
}

/** The host of the public URL, as bots' e-mail addresses name it. */
export const publicHost = (settings: PublicPlace): string => new URL(baseUrl(settings)).hostname

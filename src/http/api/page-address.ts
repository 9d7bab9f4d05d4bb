import { afterMark } from '../target.ts'
import type { Call } from './call.ts'
import { baseUrl } from './urls.ts'

/** Never repeated in a link: credentials that came as parameters. */
const secretParameters = ['private_token', 'access_token', 'bearer_token', 'job_token', 'token', 'sudo']

/** The address of this very request as others may see it, with some words of the query changed. */
export const publicAddress = (call: Call, changed: Readonly<Record<string, number | string>>): string => {
  const words = new URLSearchParams(afterMark(call.url))
  for (const name of secretParameters) words.delete(name)
  for (const [name, value] of Object.entries(changed)) words.set(name, String(value))
  const shown = words.toString()
  const [path = ''] = call.url.split('?', 1)
  return `${baseUrl(call.parts.settings)}${path}${shown === '' ? '' : `?${shown}`}`
}

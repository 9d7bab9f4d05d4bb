import { randomBytes } from 'node:crypto'
import { Secret } from '../../core/secret.ts'
import { baseUrl, type PublicPlace } from '../api/urls.ts'

/** GitLab's name. */
const name = '_gitlab_session'

const form = /^[A-Za-z0-9_-]{20,64}$/

/** The cookie that a browser shows; undefined where there is none of our form, or two that contradict each other. */
export const shownCookie = (header: string | undefined): Secret | undefined => {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [value] = values
  return value !== undefined && new Set(values).size === 1 && form.test(value) ? new Secret(value) : undefined
}

/** For a browser that nobody is signed in with: it binds forms to it, and is kept nowhere. */
export const newVisitor = (): Secret => new Secret(randomBytes(15).toString('base64url'))

/**
 * Gone with the browser's own session, and out of reach of scripts; `Lax`, since other sites send people here to consent.
 */
export const setCookie = (cookie: Secret, settings: PublicPlace): string => {
  const secure = baseUrl(settings).startsWith('https:') ? '; Secure' : ''
  return `${name}=${Secret.open(cookie)}; Path=/; HttpOnly; SameSite=Lax${secure}`
}

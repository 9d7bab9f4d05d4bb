import { baseUrl, type PublicPlace } from '../api/urls.ts'

/** GitLab's addresses of the same pages. */
export const addresses = {
  signIn: '/users/sign_in',
  signOut: '/users/sign_out',
  authorize: '/oauth/authorize',
  device: '/oauth/device',
  applications: '/-/user_settings/applications',
  twoFactor: '/-/profile/two_factor_auth',
  recoveryCodes: '/-/profile/two_factor_auth/codes',
  password: '/-/user_settings/password',
  passwordForm: '/-/user_settings/password/edit',
} as const

/** What stands before our paths where a proxy serves us below a path of its own; mostly nothing. */
const prefixOf = (settings: PublicPlace): string => new URL(baseUrl(settings)).pathname.replace(/\/$/, '')

/** A path of ours as the browser asks for it. */
export const linkTo = (settings: PublicPlace, path: string): string => `${prefixOf(settings)}${path}`

/** Pages to which one may come back after signing in: those alone that are shown to a person. */
const returns = new Set<string>([
  addresses.authorize,
  addresses.device,
  addresses.applications,
  addresses.twoFactor,
  addresses.passwordForm,
])

/** Where nobody asked for anything else. */
const standard = addresses.applications

const somewhere = 'http://server.invalid'

/**
 * A wish for where to go after signing in, as a path of one of our own pages with its query; the standard page for
 * anything else. The result is put together anew, so that no form of address leads away.
 */
export const returnPath = (wish: string | undefined): string => {
  if (wish === undefined || !URL.canParse(wish, somewhere)) return standard
  const { origin, pathname, search } = new URL(wish, somewhere)
  return origin === somewhere && returns.has(pathname) ? `${pathname}${search}` : standard
}

/** The sign-in page that leads back to a path. */
export const signInPath = (back: string): string =>
  back === standard ? addresses.signIn : `${addresses.signIn}?return_to=${encodeURIComponent(back)}`

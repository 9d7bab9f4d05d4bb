/** What each scope lets an application do, in one line. */
const meanings: Readonly<Record<string, string>> = {
  api: 'Do everything that you can do over the API, with repositories and the registry included',
  read_api: 'Read everything that you can read over the API',
  read_user: 'Read your profile',
  read_repository: 'Read the repositories that you can read',
  write_repository: 'Read and change the repositories that you can push to',
  read_registry: 'Read container images',
  write_registry: 'Push container images',
  create_runner: 'Create runners',
  manage_runner: 'Manage runners',
  k8s_proxy: 'Reach clusters through the agent',
  ai_features: 'Use features of artificial intelligence',
  self_rotate: 'Replace its own token',
  sudo: 'Act as any user, for administrators',
  admin_mode: 'Act with the rights of an administrator',
  read_service_ping: 'Read figures on the use of the server',
  openid: 'Know who you are',
  profile: 'Read your name and username',
  email: 'Read your email address',
}

export const meaningOf = (scope: string): string => (Object.hasOwn(meanings, scope) ? (meanings[scope] ?? scope) : scope)

/** Scopes that change things, or give all away: these are shown as such. */
export const isPowerful = (scope: string): boolean => /^(?:api|sudo|admin_mode|write_.+|manage_runner)$/.test(scope)

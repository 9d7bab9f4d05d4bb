/** A relative entry would be looked up inside the repository. */
const absoluteEntries = (path: string): string =>
  path
    .split(':')
    .filter((entry) => entry.startsWith('/'))
    .join(':')

const configVariables = (settings: readonly (readonly [string, string])[]): Record<string, string> => {
  const variables = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ])
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(variables) }
}

/**
 * What every git is started with, built from nothing: no variable of ours or of a client's comes along, and no
 * configuration but the given one and that of the repository.
 * @param path our own `PATH`
 */
export const bareEnvironment = (
  settings: readonly (readonly [string, string])[],
  path: string | undefined,
): Record<string, string> => ({
  PATH: absoluteEntries(path ?? '/usr/local/bin:/usr/bin:/bin'),
  LANG: 'C',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  ...configVariables(settings),
})

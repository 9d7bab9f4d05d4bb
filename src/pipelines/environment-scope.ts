/** Whether a scope covers an environment: `*` stands for any run of characters (gitlab `EnvironmentScope`). */
const covers = (scope: string, environment: string): boolean => {
  const pieces = scope.split('*')
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)]
  if (pieces.length === 1) return scope === environment
  if (environment.length < first.length + last.length) return false
  if (!environment.startsWith(first) || !environment.endsWith(last)) return false
  const end = environment.length - last.length
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = environment.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

/** How closely a scope says what it covers: the very name, then by what it writes out, and at last `*` alone. */
const closeness = (scope: string, environment: string): number => {
  if (scope === environment) return Number.POSITIVE_INFINITY
  return scope.replaceAll('*', '').length
}

interface Scoped {
  readonly key: string
  readonly environment_scope: string
}

/**
 * Of variables with the same key the one that fits an environment most closely; those that do not fit are left out.
 * @param environment undefined where a job has none: then only what is for all of them counts
 */
export const inEnvironment = <Variable extends Scoped>(
  variables: readonly Variable[],
  environment: string | undefined,
): Variable[] => {
  const name = environment ?? ''
  const fitting = variables.filter(({ environment_scope: scope }) =>
    environment === undefined ? scope === '*' : covers(scope, name),
  )
  const byKey = Map.groupBy(fitting, ({ key }) => key)
  return [...byKey.values()].flatMap((several) =>
    several.toSorted((one, other) => closeness(one.environment_scope, name) - closeness(other.environment_scope, name)).slice(-1),
  )
}

import { routes } from '../../src/http/api/app.ts'
import type { Route } from '../../src/http/api/call.ts'
import { table } from './markdown.ts'

const methodsOf = (of: readonly Route[]): string => of.map(({ method }) => method).join(', ')

const scopesOf = ({ method, scopes }: Route): string | undefined => {
  if (scopes === undefined) return undefined
  return `${method}: ${scopes === 'any' ? 'every scope' : scopes.map((scope) => `\`${scope}\``).join(', ')}`
}

/** One line for each path below `/api/v4`. */
export const apiRoutes = (): string =>
  table(
    ['Path', 'Methods', 'Without a token', 'Further scopes'],
    [...Map.groupBy(routes, ({ path }) => path)].map(([path, of]) => [
      `\`${path}\``,
      methodsOf(of),
      methodsOf(of.filter(({ open }) => open === true)),
      of.flatMap((route) => scopesOf(route) ?? []).join('; '),
    ]),
  )

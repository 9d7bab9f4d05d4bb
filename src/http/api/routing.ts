import express from 'express'
import { admit } from './admission.ts'
import type { Method, Route } from './call.ts'
import { ApiError } from './errors.ts'
import type { ApiParts } from './parts.ts'
import { serve } from './serve.ts'

const mount = (router: express.Router, parts: ApiParts, route: Route): void => {
  const handlers = [admit(parts, route), serve(parts, route)]
  const add: Record<Method, () => unknown> = {
    GET: () => router.get(route.path, serve(parts, route)),
    POST: () => router.post(route.path, handlers),
    PUT: () => router.put(route.path, handlers),
    PATCH: () => router.patch(route.path, handlers),
    DELETE: () => router.delete(route.path, handlers),
  }
  add[route.method]()
}

const unknownMethod =
  (known: readonly string[]): express.RequestHandler =>
  () => {
    const details = { headers: { Allow: known.join(', ') }, log: { 'meta.refusal_reason': 'method_not_allowed' } }
    throw new ApiError(405, { error: '405 Not Allowed' }, details)
  }

const routerOf = (parts: ApiParts, routes: readonly Route[]): express.Router => {
  const router = express.Router({ caseSensitive: true })
  for (const route of routes) mount(router, parts, route)
  for (const [path, known] of Map.groupBy(routes, (route) => route.path)) {
    router.all(path, unknownMethod(known.map(({ method }) => method)))
  }
  return router
}

/** The words of a path that tell most routes apart: `/projects/:id/members` by its first and its third. */
const signOf = (path: string): string => {
  const [, first = '', , third = ''] = path.split('/', 4)
  return `${first}/${third}`
}

const fits = (own = '', word = ''): boolean => own.includes(':') || own === word

/** Whether a path of this sign might be the route's. */
const mayBe = ({ path }: Route, sign: string): boolean => {
  const [own, words] = [signOf(path).split('/'), sign.split('/')]
  return /[*{(]/.test(path) || (fits(own[0], words[0]) && fits(own[1], words[1]))
}

/**
 * Answers as if all routes were tried in their order. They are hundreds, and trying each costs more than all else that a
 * small request takes: those that may have the sign of its path are tried alone, and all where no route has that sign.
 */
export const routing = (parts: ApiParts, routes: readonly Route[]): express.RequestHandler => {
  const signs = new Set(routes.map(({ path }) => signOf(path)))
  const routers = new Map<string, express.Router>()
  const routerFor = (name: string, some: () => readonly Route[]): express.Router => {
    const router = routers.get(name) ?? routerOf(parts, some())
    routers.set(name, router)
    return router
  }
  return (request, response, next) => {
    const sign = signOf(request.path)
    const router = signs.has(sign)
      ? routerFor(sign, () => routes.filter((route) => mayBe(route, sign)))
      : routerFor('every', () => routes)
    router(request, response, next)
  }
}

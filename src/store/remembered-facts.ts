import type { TargetProject } from '../access/authenticate.ts'
import type { StoredFactSource, StoredFacts } from '../access/gather.ts'
import { sees } from '../access/rules/pull.ts'
import type { Action } from '../core/action.ts'
import { type Clock, dayOf } from '../core/clock.ts'
import { type Principal, userBehind } from '../core/principal.ts'
import type { Remembering } from './epoch-cache.ts'
import type { TimedFactSource } from './facts.ts'
import { pathKey } from './routes.ts'

/** Of who asks, all that `read` looks at where there is a project. */
const askerOf = (principal: Principal): string => {
  const user = userBehind(principal)?.id ?? ''
  switch (principal.kind) {
    case 'anonymous':
    case 'user':
    case 'deploy-token':
      return `${principal.kind}:${user}`
    case 'trusted':
      return `${principal.kind}:${principal.home.kind}:${principal.home.id}:${principal.role}`
    case 'deploy-key':
      return `${principal.kind}:${principal.id}:${user}`
    case 'job':
      return `${principal.kind}:${principal.home.id}:${principal.home.namespaces.join(',')}:${user}`
  }
}

/** What the facts are for; undefined for a push whose refs are known, which asks for more than a few rows. */
const purposeOf = (action: Action): string | undefined => {
  if (action.kind === 'pull') return 'pull'
  return action.updates === 'unknown' ? 'push' : undefined
}

/**
 * Only for one who may know that the project is there, so that nobody learns from the time that an answer takes that
 * others ask for it.
 */
const isOpenTo =
  (principal: Principal) =>
  (facts: StoredFacts): boolean =>
    facts.project !== undefined && sees(principal, facts.project, facts)

/** Of a project that moved, the path on which this request came. */
const askedOn = (facts: StoredFacts, path: string): StoredFacts =>
  facts.project?.movedFrom === undefined ? facts : { ...facts, project: { ...facts.project, movedFrom: path } }

/**
 * Remembers where projects are, and the facts of a pull and of a push before its refs are known. Of time these look at
 * the day alone, on which memberships end; the day is therefore part of what is asked.
 */
export const rememberFacts = (source: TimedFactSource, clock: Clock, remembering: Remembering): StoredFactSource => {
  const places = remembering<TargetProject | undefined>()
  const known = remembering<StoredFacts>()
  return {
    locate: (path) => places.of(pathKey(path), () => source.locate(path)),
    async read(principal, path, action) {
      const now = clock()
      const purpose = purposeOf(action)
      if (purpose === undefined) return source.read(principal, path, action, now)
      const key = `${dayOf(now)} ${purpose} ${askerOf(principal)} ${pathKey(path)}`
      return askedOn(await known.of(key, () => source.read(principal, path, action, now), isOpenTo(principal)), path)
    },
  }
}

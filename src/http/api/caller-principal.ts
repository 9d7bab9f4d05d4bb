import type { Authenticated } from '../../core/credential.ts'
import { abilitiesForScopes, fullAbilities, readOnlyAbilities, readWriteAbilities } from '../../core/scope.ts'
import type { Caller, SignedIn } from './caller.ts'

/** The caller as rules of repositories see it. Which scopes a route takes was asked before; `sudo` stands for them all. */
export const asPrincipal = (caller: Caller): Authenticated => {
  switch (caller.kind) {
    case 'anonymous':
      return { principal: { kind: 'anonymous' }, credential: undefined, abilities: readOnlyAbilities }
    case 'job': {
      const { job, home, user } = caller
      const principal = { kind: 'job', id: job.id, home, user } as const
      return { principal, credential: { kind: 'job-token', id: job.id }, abilities: readWriteAbilities }
    }
    case 'user':
      return asUser(caller)
  }
}

const asUser = ({ user, credential, scopes, actingFor, endsAt }: SignedIn): Authenticated => ({
  principal: { kind: 'user', user },
  credential,
  abilities: actingFor === undefined ? abilitiesForScopes(scopes) : fullAbilities,
  ...(endsAt !== undefined && { endsAt }),
})

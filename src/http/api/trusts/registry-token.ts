import type { Authenticated } from '../../../core/credential.ts'
import { abilitiesForScopes } from '../../../core/scope.ts'
import { grant } from '../../../registry/grant.ts'
import { holderOf } from '../../../registry/holder.ts'
import { projectPaths } from '../../../registry/scopes.ts'
import { signRegistryToken } from '../../../registry/sign.ts'
import { readImages } from '../../../store/registry-facts.ts'
import type { Granted } from '../../../trust/exchange.ts'
import type { Call } from '../call.ts'
import { baseUrl } from '../urls.ts'
import { oauthError } from './exchange-input.ts'

/** Seconds: a registry asks nobody whether a token still holds, so that a trust that ends is felt there only after these. */
export const registryLife = 300

const authenticated = ({ id, trust, home, scopes, subject }: Granted): Authenticated => ({
  principal: { kind: 'trusted', id, trust: trust.id, issuer: trust.issuer, subject, home, role: trust.access_level, refs: [] },
  credential: { kind: 'trust-token', id },
  abilities: abilitiesForScopes(scopes),
  scopes,
})

/** A token for one repository of images, by the rules that hold for all who ask for one. Throws 400 where nothing comes of it. */
export const registryTokenFor = async (call: Call, granted: Granted, repository: string): Promise<string> => {
  const { store, registryKeys, settings } = call.parts
  const who = authenticated(granted)
  const [place] = await readImages(store, who.principal, [projectPaths(repository)], call.now)
  const { access } = grant(who, { type: 'repository', class: undefined, name: repository, actions: ['pull', 'push'] }, place)
  if (access === undefined) throw oauthError('invalid_scope', 'nothing is granted for this repository of images')
  const life = Math.min(granted.trust.life, registryLife)
  const issued = { issuer: baseUrl(settings), ...holderOf(who), access: [access], now: call.now, life }
  return signRegistryToken(registryKeys, issued)
}

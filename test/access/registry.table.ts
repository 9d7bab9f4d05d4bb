import type { ImageFacts } from '../../src/access/rules/registry.ts'
import type { Authenticated } from '../../src/core/credential.ts'
import type { DeployTokenId, JobId, KeyId, NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import { asJobUser, type Principal, type User } from '../../src/core/principal.ts'
import type { Role } from '../../src/core/project.ts'
import { abilitiesForScopes, fullAbilities, readOnlyAbilities, readWriteAbilities } from '../../src/core/scope.ts'
import { trusted } from './case.ts'

const group = 7 as NamespaceId
export const project = 3 as ProjectId

export const person: User = {
  id: 5 as UserId,
  username: 'ada',
  state: 'active',
  kind: 'human',
  isAdmin: false,
  isExternal: false,
  isConfirmed: true,
  passwordExpired: false,
}

const as = (principal: Principal, abilities: Authenticated['abilities']): Authenticated => ({
  principal,
  abilities,
  credential: undefined,
})

export const user = (fields: Partial<User> = {}, scopes?: readonly string[]): Authenticated =>
  as({ kind: 'user', user: { ...person, ...fields } }, scopes === undefined ? fullAbilities : abilitiesForScopes(scopes))

export const job = (home: number, owner: User | 'nobody' = person): Authenticated =>
  as(
    {
      kind: 'job',
      id: 1 as JobId,
      home: { id: home as ProjectId, fullPath: 'castle/app', namespaces: [group] },
      user: owner === 'nobody' ? undefined : asJobUser(owner),
    },
    readWriteAbilities,
  )

export const deployToken = (scopes: readonly string[], home: 'project' | 'group' | 'elsewhere' = 'project'): Authenticated => {
  const homes = {
    project: { kind: 'project', id: project },
    group: { kind: 'group', id: group },
    elsewhere: { kind: 'group', id: 99 as NamespaceId },
  } as const
  const principal = { kind: 'deploy-token', id: 2 as DeployTokenId, username: 'deployer', home: homes[home] } as const
  return as(principal, abilitiesForScopes(scopes))
}

export const deployKey = as({ kind: 'deploy-key', id: 4 as KeyId, title: 'key', creator: person }, fullAbilities)
export const anonymous = as({ kind: 'anonymous' }, readOnlyAbilities)

/** What is not said: a private project whose images are for all who see it, no role. */
export interface ImagePlace {
  readonly visibility?: ImageFacts['project']['visibility']
  readonly images?: ImageFacts['project']['imageAccess']
  readonly archived?: boolean
  readonly role?: Role
  /** The project lets in jobs from where this one runs. */
  readonly listed?: boolean
}

export const imageFacts = ({
  visibility = 'private',
  images = 'enabled',
  archived = false,
  role = 0,
  listed = false,
}: ImagePlace): ImageFacts => ({
  project: { id: project, visibility, archived, namespaces: [group], imageAccess: images },
  role,
  job: { listed },
})

export interface ImageCase {
  readonly is: string
  readonly who: Authenticated
  readonly place: ImagePlace
  /** Actions with a blank between. */
  readonly allowed: string
}

const all = 'pull push delete *'
const outside = trusted({ home: { kind: 'group', id: group } }, abilitiesForScopes(['read_registry', 'write_registry']))

/** Who may do what with images (gitlab `Auth::ContainerRegistryAuthenticationService`, `can_access?`). */
export const imageCases: readonly ImageCase[] = (
  [
    ['nobody', anonymous, {}, ''],
    ['nobody', anonymous, { visibility: 'internal' }, ''],
    ['nobody', anonymous, { visibility: 'public' }, 'pull'],
    ['nobody', anonymous, { visibility: 'public', images: 'private' }, ''],
    ['a user', user(), {}, ''],
    ['a user', user(), { visibility: 'internal' }, 'pull'],
    ['an external user', user({ isExternal: true }), { visibility: 'internal' }, ''],
    ['an external user', user({ isExternal: true }), { visibility: 'public' }, 'pull'],
    ['a user', user(), { visibility: 'public', images: 'private' }, ''],
    ['a user', user(), { role: 10 }, ''],
    ['a user', user(), { visibility: 'public', images: 'private', role: 10 }, ''],
    ['a user', user(), { role: 15 }, ''],
    ['a user', user(), { role: 20 }, 'pull'],
    ['a user', user(), { visibility: 'public', images: 'private', role: 20 }, 'pull'],
    ['a user', user(), { role: 30 }, 'pull push'],
    ['a user', user(), { role: 40 }, all],
    ['a user', user(), { role: 50 }, all],
    ['a user', user(), { role: 50, archived: true }, 'pull'],
    ['a user', user(), { role: 50, images: 'disabled' }, ''],
    ['an administrator', user({ isAdmin: true }), {}, all],
    ['an administrator', user({ isAdmin: true }), { images: 'disabled' }, ''],
    ['a token with `read_api`', user({}, ['read_api']), { role: 50 }, 'pull'],
    ['a token with `read_registry`', user({}, ['read_registry']), { role: 50 }, 'pull'],
    ['a token with `write_registry`', user({}, ['write_registry']), { role: 50 }, 'push'],
    ['a token with both', user({}, ['read_registry', 'write_registry']), { role: 50 }, 'pull push'],
    ['a token with `write_repository`', user({}, ['write_repository']), { role: 50 }, ''],
    ['an administrator, by a token with `read_registry`', user({ isAdmin: true }, ['read_registry']), {}, 'pull'],
    ['a token with `read_repository`', user({}, ['read_repository']), { visibility: 'public' }, ''],
    ['a job of the project', job(project), {}, 'pull push delete'],
    ['a job of the project', job(project), { images: 'private' }, 'pull push delete'],
    ['a job of the project', job(project), { archived: true }, 'pull'],
    ['a job of the project', job(project), { images: 'disabled' }, ''],
    ['a job of the project whose user is gone', job(project, 'nobody'), {}, ''],
    ['a job of the project whose user is gone', job(project, 'nobody'), { visibility: 'public' }, 'pull'],
    ['a job from elsewhere', job(9), { role: 40 }, ''],
    ['a job from elsewhere', job(9), { role: 40, listed: true }, 'pull'],
    ['a job from elsewhere', job(9), { role: 10, listed: true }, ''],
    ['a job from elsewhere', job(9), { visibility: 'public' }, 'pull'],
    ['a job from elsewhere', job(9), { visibility: 'public', images: 'private' }, ''],
    ['a job from elsewhere', job(9), { visibility: 'internal' }, 'pull'],
    ['a job from elsewhere, of an administrator', job(9, { ...person, isAdmin: true }), { listed: true }, ''],
    ['a job from elsewhere whose user is gone', job(9, 'nobody'), { visibility: 'public', listed: true }, 'pull'],
    ['a job from elsewhere whose user is gone', job(9, 'nobody'), { visibility: 'internal', listed: true }, ''],
    ['a deploy token with `read_registry`', deployToken(['read_registry']), {}, 'pull'],
    ['a deploy token with `write_registry`', deployToken(['write_registry']), {}, 'push'],
    ['a deploy token with both', deployToken(['read_registry', 'write_registry']), {}, 'pull push'],
    ['a deploy token with both', deployToken(['read_registry', 'write_registry']), { archived: true }, 'pull'],
    ['a deploy token with both', deployToken(['read_registry', 'write_registry']), { images: 'disabled' }, ''],
    ['a deploy token of the group with both', deployToken(['read_registry', 'write_registry'], 'group'), {}, 'pull push'],
    ['a deploy token with `read_repository`', deployToken(['read_repository']), { visibility: 'public' }, ''],
    ['a deploy token from elsewhere', deployToken(['read_registry', 'write_registry'], 'elsewhere'), {}, ''],
    ['a deploy token from elsewhere', deployToken(['read_registry'], 'elsewhere'), { visibility: 'internal' }, ''],
    ['a deploy token from elsewhere', deployToken(['read_registry'], 'elsewhere'), { visibility: 'public' }, 'pull'],
    ['a deploy key', deployKey, { visibility: 'public', role: 50 }, ''],
    ['somebody from outside, by a trust of the group', outside, { role: 30 }, 'pull push'],
    [
      'somebody from outside, of a trust elsewhere',
      trusted({ home: { kind: 'project', id: 9 as ProjectId } }, readWriteAbilities),
      { visibility: 'public' },
      '',
    ],
  ] as const
).map(([is, who, place, allowed]) => ({ is, who, place, allowed }))

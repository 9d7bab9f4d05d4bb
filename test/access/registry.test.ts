import { describe, expect, test } from 'vitest'
import { allowsImageAction, carriesImages, type ImageFacts, seesCatalog } from '../../src/access/rules/registry.ts'
import type { Authenticated } from '../../src/core/credential.ts'
import type { DeployTokenId, JobId, KeyId, NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import { asJobUser, type Principal, type User } from '../../src/core/principal.ts'
import type { Role } from '../../src/core/project.ts'
import { abilitiesForScopes, fullAbilities, readOnlyAbilities, readWriteAbilities } from '../../src/core/scope.ts'
import { featureLevels, visibilities } from '../../src/core/visibility.ts'

const group = 7 as NamespaceId
const project = 3 as ProjectId

const person: User = {
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

const user = (fields: Partial<User> = {}, scopes?: readonly string[]): Authenticated =>
  as({ kind: 'user', user: { ...person, ...fields } }, scopes === undefined ? fullAbilities : abilitiesForScopes(scopes))

const job = (home: number, owner: User | 'nobody' = person): Authenticated =>
  as(
    {
      kind: 'job',
      id: 1 as JobId,
      home: { id: home as ProjectId, fullPath: 'castle/app', namespaces: [group] },
      user: owner === 'nobody' ? undefined : asJobUser(owner),
    },
    readWriteAbilities,
  )

const deployToken = (scopes: readonly string[], home: 'project' | 'group' | 'elsewhere' = 'project'): Authenticated => {
  const homes = {
    project: { kind: 'project', id: project },
    group: { kind: 'group', id: group },
    elsewhere: { kind: 'group', id: 99 as NamespaceId },
  } as const
  const principal = { kind: 'deploy-token', id: 2 as DeployTokenId, username: 'deployer', home: homes[home] } as const
  return as(principal, abilitiesForScopes(scopes))
}

const deployKey = as({ kind: 'deploy-key', id: 4 as KeyId, title: 'key', creator: person }, fullAbilities)
const anonymous = as({ kind: 'anonymous' }, readOnlyAbilities)

interface Place {
  readonly visibility?: ImageFacts['project']['visibility']
  readonly images?: ImageFacts['project']['imageAccess']
  readonly archived?: boolean
  readonly role?: Role
  readonly listed?: boolean
}

const facts = ({
  visibility = 'private',
  images = 'enabled',
  archived = false,
  role = 0,
  listed = false,
}: Place): ImageFacts => ({
  project: { id: project, visibility, archived, namespaces: [group], imageAccess: images },
  role,
  job: { listed },
})

const words = ['pull', 'push', 'delete', '*']
const may = (who: Authenticated, place: Place): string =>
  words.filter((action) => allowsImageAction(who, action, facts(place))).join(' ')

const cases: readonly (readonly [name: string, who: Authenticated, place: Place, allowed: string])[] = [
  ['anonymous, private', anonymous, {}, ''],
  ['anonymous, internal', anonymous, { visibility: 'internal' }, ''],
  ['anonymous, public', anonymous, { visibility: 'public' }, 'pull'],
  ['anonymous, public with images for members', anonymous, { visibility: 'public', images: 'private' }, ''],
  ['stranger, private', user(), {}, ''],
  ['stranger, internal', user(), { visibility: 'internal' }, 'pull'],
  ['external stranger, internal', user({ isExternal: true }), { visibility: 'internal' }, ''],
  ['external stranger, public', user({ isExternal: true }), { visibility: 'public' }, 'pull'],
  ['stranger, public with images for members', user(), { visibility: 'public', images: 'private' }, ''],
  ['Guest, private', user(), { role: 10 }, ''],
  ['Guest, public with images for members', user(), { visibility: 'public', images: 'private', role: 10 }, ''],
  ['Planner, private', user(), { role: 15 }, ''],
  ['Reporter', user(), { role: 20 }, 'pull'],
  ['Reporter, images for members', user(), { visibility: 'public', images: 'private', role: 20 }, 'pull'],
  ['Developer', user(), { role: 30 }, 'pull push'],
  ['Maintainer', user(), { role: 40 }, 'pull push delete *'],
  ['Owner', user(), { role: 50 }, 'pull push delete *'],
  ['Owner, archived', user(), { role: 50, archived: true }, 'pull'],
  ['Owner, images off', user(), { role: 50, images: 'disabled' }, ''],
  ['administrator', user({ isAdmin: true }), {}, 'pull push delete *'],
  ['administrator, images off', user({ isAdmin: true }), { images: 'disabled' }, ''],
  ['Owner, read_api', user({}, ['read_api']), { role: 50 }, 'pull'],
  ['Owner, read_registry', user({}, ['read_registry']), { role: 50 }, 'pull'],
  ['Owner, write_registry', user({}, ['write_registry']), { role: 50 }, 'push'],
  ['Owner, both', user({}, ['read_registry', 'write_registry']), { role: 50 }, 'pull push'],
  ['Owner, write_repository', user({}, ['write_repository']), { role: 50 }, ''],
  ['administrator, read_registry', user({ isAdmin: true }, ['read_registry']), {}, 'pull'],
  ['read_repository, public', user({}, ['read_repository']), { visibility: 'public' }, ''],
  ['job at home', job(project), {}, 'pull push delete'],
  ['job at home, images for members', job(project), { images: 'private' }, 'pull push delete'],
  ['job at home, archived', job(project), { archived: true }, 'pull'],
  ['job at home, images off', job(project), { images: 'disabled' }, ''],
  ['job without a user at home', job(project, 'nobody'), {}, 'pull push delete'],
  ['job elsewhere of a Maintainer, not listed', job(9), { role: 40 }, ''],
  ['job elsewhere of a Maintainer, listed', job(9), { role: 40, listed: true }, 'pull'],
  ['job elsewhere of a Guest, listed', job(9), { role: 10, listed: true }, ''],
  ['job elsewhere, public', job(9), { visibility: 'public' }, 'pull'],
  ['job elsewhere, public with images for members', job(9), { visibility: 'public', images: 'private' }, ''],
  ['job elsewhere, internal', job(9), { visibility: 'internal' }, 'pull'],
  ['job elsewhere of an administrator, listed', job(9, { ...person, isAdmin: true }), { listed: true }, ''],
  ['job without a user elsewhere, public', job(9, 'nobody'), { visibility: 'public', listed: true }, 'pull'],
  ['job without a user elsewhere, internal', job(9, 'nobody'), { visibility: 'internal', listed: true }, ''],
  ['deploy token that reads', deployToken(['read_registry']), {}, 'pull'],
  ['deploy token that writes', deployToken(['write_registry']), {}, 'push'],
  ['deploy token of both', deployToken(['read_registry', 'write_registry']), {}, 'pull push'],
  ['deploy token of both, archived', deployToken(['read_registry', 'write_registry']), { archived: true }, 'pull'],
  ['deploy token of both, images off', deployToken(['read_registry', 'write_registry']), { images: 'disabled' }, ''],
  ['deploy token of the group', deployToken(['read_registry', 'write_registry'], 'group'), {}, 'pull push'],
  ['deploy token of code', deployToken(['read_repository']), { visibility: 'public' }, ''],
  ['deploy token from elsewhere', deployToken(['read_registry', 'write_registry'], 'elsewhere'), {}, ''],
  ['deploy token from elsewhere, internal', deployToken(['read_registry'], 'elsewhere'), { visibility: 'internal' }, ''],
  ['deploy token from elsewhere, public', deployToken(['read_registry'], 'elsewhere'), { visibility: 'public' }, 'pull'],
  ['deploy key', deployKey, { visibility: 'public', role: 50 }, ''],
]

describe('who may do what with images', () => {
  test.each(cases)('%s', (_name, who, place, allowed) => {
    expect(may(who, place)).toBe(allowed)
  })

  test('what is no action is allowed to nobody', () => {
    for (const action of ['', 'PULL', 'pull ', 'admin', 'constructor', '__proto__', 'toString']) {
      expect(allowsImageAction(user({ isAdmin: true }), action, facts({}))).toBe(false)
    }
  })

  test('nobody writes where nobody in particular could, and whoever deletes may be nobody anonymous', () => {
    for (const visibility of visibilities) {
      for (const images of featureLevels) expect(may(anonymous, { visibility, images })).not.toMatch(/push|delete|\*/)
    }
  })
})

describe('what is asked before that', () => {
  test.each([
    [['api'], true],
    [['read_api'], true],
    [['read_registry'], true],
    [['write_registry'], true],
    [['read_repository', 'write_repository', 'read_user'], false],
    [[], false],
  ])('scopes %j are of use: %s', (scopes, expected) => {
    expect(carriesImages(user({}, scopes))).toBe(expected)
  })

  test('nobody in particular may ask', () => {
    expect(carriesImages(anonymous)).toBe(true)
  })

  test('the catalog is for administrators in person', () => {
    const admin = { ...person, isAdmin: true }
    const asked = [user(admin), user(), job(project, admin), deployToken(['read_registry']), anonymous, deployKey]
    expect(asked.map(seesCatalog)).toEqual([true, false, false, false, false, false])
  })
})

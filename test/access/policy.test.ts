import { describe, expect, test } from 'vitest'
import {
  groupVisibilityProblem,
  mayCreateSubgroup,
  mayCreateTopGroup,
  mayHandleLevel,
  mayOnGroup,
  mayOnProject,
  type Standing,
} from '../../src/access/policy.ts'
import type { AccessLevel } from '../../src/core/access-level.ts'
import type { UserId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/principal.ts'

const user = (changed: Partial<User> = {}): User => ({
  id: 1 as UserId,
  username: 'one',
  state: 'active',
  kind: 'human',
  isAdmin: false,
  isExternal: false,
  isConfirmed: true,
  passwordExpired: false,
  ...changed,
})

const as = (role: AccessLevel, changed: Partial<User> = {}): Standing => ({ user: user(changed), role })
const nobody: Standing = { user: undefined, role: 0 }
const admin = as(0, { isAdmin: true })

describe('a project', () => {
  test.each([
    ['private', nobody, false],
    ['internal', nobody, false],
    ['public', nobody, true],
    ['private', as(0), false],
    ['private', as(5), false],
    ['private', as(10), true],
    ['internal', as(0), true],
    ['internal', as(0, { isExternal: true }), false],
    ['internal', as(10, { isExternal: true }), true],
    ['public', as(0, { isExternal: true }), true],
    ['private', admin, true],
  ] as const)('%s, seen by %j: %s', (visibility, standing, seen) => {
    expect(mayOnProject('read_project', standing, { visibility })).toBe(seen)
  })

  test.each([
    ['admin_project', 40],
    ['manage_members', 40],
    ['admin_protected_branches', 40],
    ['manage_deploy_keys', 40],
    ['manage_deploy_tokens', 40],
    ['manage_access_tokens', 40],
    ['change_visibility', 50],
    ['archive_project', 50],
    ['transfer_project', 50],
    ['remove_project', 50],
  ] as const)('%s takes %i', (ability, least) => {
    const levels = [0, 10, 15, 20, 30, 40, 50] as const
    const may = levels.filter((level) => mayOnProject(ability, as(level), { visibility: 'public' }))
    expect(may).toEqual(levels.filter((level) => level >= least))
    expect(mayOnProject(ability, admin, { visibility: 'private' })).toBe(true)
    expect(mayOnProject(ability, nobody, { visibility: 'public' })).toBe(false)
  })
})

describe('a group', () => {
  test.each([
    ['read_deploy_tokens', 40],
    ['manage_deploy_tokens', 50],
    ['manage_access_tokens', 50],
    ['manage_members', 50],
    ['admin_group', 50],
    ['remove_group', 50],
  ] as const)('%s takes %i', (ability, least) => {
    const levels = [10, 20, 30, 40, 50] as const
    const may = levels.filter((level) => mayOnGroup(ability, as(level), { visibility: 'private' }, false))
    expect(may).toEqual(levels.filter((level) => level >= least))
  })

  test('is known, but not its members, to a member of something below', () => {
    expect(mayOnGroup('read_group', as(0), { visibility: 'private' }, true)).toBe(true)
    expect(mayOnGroup('read_members', as(0), { visibility: 'private' }, true)).toBe(false)
    expect(mayOnGroup('read_group', as(0), { visibility: 'private' }, false)).toBe(false)
  })

  test('is made on top by those who may', () => {
    expect(mayCreateTopGroup(user(), true)).toBe(true)
    expect(mayCreateTopGroup(user(), false)).toBe(false)
    expect(mayCreateTopGroup(user({ isExternal: true }), true)).toBe(false)
    expect(mayCreateTopGroup(user({ isAdmin: true }), false)).toBe(true)
  })

  test('is made in another by its setting', () => {
    expect([mayCreateSubgroup(as(40), 'owner'), mayCreateSubgroup(as(40), 'maintainer')]).toEqual([false, true])
    expect([mayCreateSubgroup(as(30), 'maintainer'), mayCreateSubgroup(admin, 'owner')]).toEqual([false, true])
  })

  test('is no more visible than the group around it', () => {
    expect(groupVisibilityProblem('private', 'public')).toBeUndefined()
    expect(groupVisibilityProblem('public', 'internal')).toContain('not allowed')
  })
})

test('nobody handles a level above the own one', () => {
  expect([mayHandleLevel(as(40), 40), mayHandleLevel(as(40), 50), mayHandleLevel(admin, 50)]).toEqual([true, false, true])
})

import { describe, expect, test } from 'vitest'
import { allowsImageAction, carriesImages, seesCatalog } from '../../src/access/rules/registry.ts'
import type { Authenticated } from '../../src/core/credential.ts'
import { featureLevels, visibilities } from '../../src/core/visibility.ts'
import {
  anonymous,
  deployKey,
  deployToken,
  type ImagePlace,
  imageCases,
  imageFacts,
  job,
  person,
  project,
  user,
} from './registry.table.ts'

const words = ['pull', 'push', 'delete', '*']
const may = (who: Authenticated, place: ImagePlace): string =>
  words.filter((action) => allowsImageAction(who, action, imageFacts(place))).join(' ')

describe('who may do what with images', () => {
  test.each(imageCases)('$is, $place', ({ who, place, allowed }) => {
    expect(may(who, place)).toBe(allowed)
  })

  test('what is no action is allowed to nobody', () => {
    for (const action of ['', 'PULL', 'pull ', 'admin', 'constructor', '__proto__', 'toString']) {
      expect(allowsImageAction(user({ isAdmin: true }), action, imageFacts({}))).toBe(false)
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

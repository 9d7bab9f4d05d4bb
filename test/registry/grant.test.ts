import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grant, type ImagePlace } from '../../src/registry/grant.ts'
import { readScopes } from '../../src/registry/scopes.ts'
import { imageCases, imageFacts, person, user } from '../access/registry.table.ts'

const placed = (given: Parameters<typeof imageFacts>[0]): ImagePlace => {
  const facts = imageFacts(given)
  return { ...facts, project: { ...facts.project, fullPath: 'Castle/App' } }
}

const word = fc.oneof(fc.constantFrom('pull', 'push', 'delete', '*', 'admin'), fc.string({ maxLength: 8 }))
const type = fc.constantFrom('repository', 'repository(plugin)', 'registry', 'other')
const scope = fc
  .tuple(type, fc.constantFrom('castle/app', 'castle/app/web', 'catalog', 'x'), fc.array(word, { maxLength: 5 }))
  .map(([kind, name, actions]) => `${kind}:${name}:${actions.join(',')}`)

describe('what comes of a scope', () => {
  test('is never more than was asked, for whoever asks and wherever', () => {
    fc.assert(
      fc.property(fc.constantFrom(...imageCases), fc.array(scope, { maxLength: 6 }), ({ who, place }, texts) => {
        const asked = readScopes(texts)
        if (typeof asked === 'string') return
        for (const one of asked) {
          const { access } = grant(who, one, placed(place))
          if (access === undefined) continue
          expect([access.type, access.class, access.name]).toEqual([one.type, one.class, one.name])
          expect(access.actions.length).toBeGreaterThan(0)
          expect(one.actions).toEqual(expect.arrayContaining([...access.actions]))
        }
      }),
    )
  })

  test('is nothing where there is no project, and nothing of another type', () => {
    const root = user({ ...person, isAdmin: true })
    const asked = { type: 'repository', class: undefined, name: 'castle/app', actions: ['*'] }
    expect(grant(root, asked, undefined)).toEqual({ asked, access: undefined, place: undefined })
    expect(grant(root, { ...asked, type: 'other' }, placed({})).access).toBeUndefined()
  })

  test('names the project by its number, and by its path in small letters as GitLab does', () => {
    const asked = { type: 'repository', class: undefined, name: 'castle/app/web', actions: ['pull'] }
    const { access } = grant(user(), asked, placed({ role: 20 }))
    expect(access?.meta).toEqual({ project_path: 'castle/app', project_id: 3, root_namespace_id: 7 })
  })
})

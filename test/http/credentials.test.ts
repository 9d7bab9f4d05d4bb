import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { presentedBy } from '../../src/http/git/credentials.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

const shown = (header: string | undefined): string => {
  const presented = presentedBy(header)
  if (!('secret' in presented)) return presented.kind
  const secret = Secret.open(presented.secret)
  return presented.kind === 'basic' ? `basic ${JSON.stringify([presented.login, secret])}` : `bearer ${secret}`
}

const malformed = 'basic ["",""]'

describe('an Authorization header', () => {
  test.each<[string, string | undefined, string]>([
    ['none', undefined, 'none'],
    ['empty user and password, as git sends with http.emptyAuth', 'Basic Og==', 'none'],
    ['a pair', basic('ada:glpat-x'), 'basic ["ada","glpat-x"]'],
    ['a lower-case scheme', basic('ada:x').replace('Basic', 'basic'), 'basic ["ada","x"]'],
    ['a password with colons', basic('ada:a:b:c'), 'basic ["ada","a:b:c"]'],
    ['a user alone', basic('ada:'), 'basic ["ada",""]'],
    ['a password alone', basic(':glpat-x'), 'basic ["","glpat-x"]'],
    ['letters beyond ASCII', basic('žofie:heslo'), 'basic ["žofie","heslo"]'],
    ['a token', 'Bearer glpat-x.y_z', 'bearer glpat-x.y_z'],
    ['no colon', basic('ada'), malformed],
    ['no base64', 'Basic !!!', malformed],
    ['no value', 'Basic', malformed],
    ['nothing', '', 'unreadable'],
    ['a NUL in the login', basic('a\0b:x'), malformed],
    ['a line break in the login', basic('a\nb:x'), malformed],
    ['another scheme', 'Negotiate YII=', 'unreadable'],
    ['an empty token', 'Bearer ', 'unreadable'],
    ['a token with spaces', 'Bearer a b', 'unreadable'],
    ['two headers that were joined', `${basic('a:b')}, ${basic('c:d')}`, malformed],
  ])('with %s', (_, header, expected) => expect(shown(header)).toBe(expected))

  test('of any kind is read, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shown(text)).toMatch(/^(none|basic|bearer|unreadable)/)
      }),
    )
  })
})

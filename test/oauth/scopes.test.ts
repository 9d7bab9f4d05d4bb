import { expect, test } from 'vitest'
import { scopesAsked } from '../../src/oauth/scopes.ts'

const may = ['api', 'read_user', 'openid']

test.each([
  [undefined, ['api']],
  ['read_user', ['read_user']],
  ['read_user  openid', ['read_user', 'openid']],
  ['openid openid', ['openid']],
])('%j asks for %j', (text, scopes) => expect(scopesAsked(text, may)).toEqual(scopes))

test.each([
  '',
  ' ',
  'sudo',
  'api sudo',
  'API',
  'api,read_user',
  'api\tread_user',
  Array.from({ length: 65 }, (_, at) => `s${at}`).join(' '),
])('%j asks for too much, or for nothing', (text) => expect(scopesAsked(text, may)).toBeUndefined())

test('what is asked by default must be had too', () => expect(scopesAsked(undefined, ['read_user'])).toBeUndefined())

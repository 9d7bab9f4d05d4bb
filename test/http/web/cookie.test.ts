import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { newVisitor, setCookie, shownCookie } from '../../../src/http/web/cookie.ts'
import { formTokenOf, isFormToken } from '../../../src/tokens/form-token.ts'

const good = 'abcdefghijklmnopqrst'
const cookieIn = (header: string | undefined): string | undefined => {
  const cookie = shownCookie(header)
  return cookie && Secret.open(cookie)
}

test.each([
  [undefined, undefined],
  ['', undefined],
  [`_gitlab_session=${good}`, good],
  [`a=b; _gitlab_session=${good}; c=d`, good],
  [`_gitlab_session=${good}; _gitlab_session=${good}`, good],
  [`_gitlab_session=${good}; _gitlab_session=${good}x`, undefined],
  ['_gitlab_session=short', undefined],
  [`_gitlab_session="${good}"`, undefined],
  [`x_gitlab_session=${good}`, undefined],
])('of the header %j the cookie is %j', (header, cookie) => {
  expect(cookieIn(header)).toBe(cookie)
})

test('no header brings down the reading, or brings in something of another form', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string().map((text) => `_gitlab_session=${text}`),
      ),
      (header) => {
        expect(cookieIn(header) ?? good).toMatch(/^[A-Za-z0-9_-]{20,64}$/)
      },
    ),
  )
})

test('a cookie is out of reach of scripts, and goes over TLS alone where the server is reached so', () => {
  const http = { host: '127.0.0.1', port: 8080 }
  const cookie = newVisitor()
  expect(setCookie(cookie, { url: 'https://git.example.org', http })).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  expect(setCookie(cookie, { url: undefined, http })).toMatch(/; HttpOnly; SameSite=Lax$/)
  expect(cookieIn(setCookie(cookie, { url: undefined, http }).split(';')[0])).toBe(Secret.open(cookie))
})

test('the token of a form belongs to one cookie, and does not tell it', () => {
  const [one, other] = [newVisitor(), newVisitor()]
  expect(isFormToken(formTokenOf(one), one)).toBe(true)
  expect(isFormToken(formTokenOf(one), other)).toBe(false)
  for (const wrong of ['', 'x', `${formTokenOf(one)}x`, formTokenOf(one).slice(1)]) expect(isFormToken(wrong, one)).toBe(false)
  expect(formTokenOf(one)).not.toContain(Secret.open(one))
})

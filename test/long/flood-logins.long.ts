import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stand } from './flood/stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await Stand.open()
})
afterAll(() => stand?.[Symbol.asyncDispose]())

test('500 logins a second with wrong tokens, and 100 with wrong passwords', async () => {
  const { wrongTokens, wrongPasswords } = await stand.flood(
    [
      ['wrongTokens', 500],
      ['wrongPasswords', 100],
    ],
    { memory: 350, gits: 8 },
  )
  expect(Object.keys(wrongTokens ?? {})).toEqual(['401'])
  expect(Object.keys(wrongPasswords ?? {})).toEqual(['401', '429'])
})

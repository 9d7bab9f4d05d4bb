import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { Passwords } from '../../src/tokens/passwords.ts'

const right = new Secret('correct horse')

const hashed = async (passwords: Passwords): Promise<string> => {
  const hash = await passwords.hash(right)
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  return hash
}

describe('a password', () => {
  test('is told from another', async () => {
    const passwords = new Passwords()
    const stored = await hashed(passwords)
    expect(await passwords.verify(stored, right, 'alice')).toBe('right')
    expect(await passwords.verify(stored, new Secret('wrong'), 'alice')).toBe('wrong')
    expect(await passwords.verify(undefined, right, 'nobody')).toBe('wrong')
  })

  test('can be given while a storm of guesses for other names is on', async () => {
    const passwords = new Passwords()
    const stored = await hashed(passwords)
    const guess = (who: string) => passwords.verify(undefined, new Secret('guess'), who)
    const storm = Array.from({ length: 100 }, (_, at) => guess(`victim${at % 8}`))
    const [alice, fresh, ...answers] = await Promise.all([
      passwords.verify(stored, right, 'alice'),
      passwords.hash(new Secret('a new one')),
      ...storm,
    ])
    expect(alice).toBe('right')
    expect(fresh).toContain('$argon2id$')
    expect(answers.filter((answer) => answer === 'busy').length).toBeGreaterThanOrEqual(100 - 34)
  })
})

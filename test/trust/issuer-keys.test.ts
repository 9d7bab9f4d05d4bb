import { expect, test } from 'vitest'
import { IssuerKeys } from '../../src/trust/issuer-keys.ts'
import { CallFailed } from '../../src/trust/outbound.ts'

const issuer = 'https://ci.example.org'
const discovery = `${issuer}/.well-known/openid-configuration`
const source = { issuer, jwksUri: undefined }
const key = (kid: string) => ({ kty: 'EC', kid })

const set = () => {
  const outside = new Map<string, unknown>([
    [discovery, { issuer, jwks_uri: `${issuer}/keys` }],
    [`${issuer}/keys`, { keys: [key('a')] }],
  ])
  const asked: string[] = []
  const at = { now: 1_000_000_000 }
  const keys = new IssuerKeys(
    async (url) => {
      asked.push(url)
      if (outside.has(url)) return outside.get(url)
      throw new CallFailed('nobody is there')
    },
    () => at.now,
  )
  return { outside, asked, at, keys }
}

test('keys are found by the discovery document, and kept for ten minutes', async () => {
  const { keys, asked, at } = set()
  expect(await keys.of(source)).toEqual({ keys: [key('a')] })
  at.now += 599_000
  await keys.of(source)
  expect(asked).toEqual([discovery, `${issuer}/keys`])
  at.now += 2_000
  await keys.of(source)
  expect(asked).toHaveLength(4)
})

test('an address of their own needs no discovery', async () => {
  const { keys, asked } = set()
  await keys.of({ issuer, jwksUri: `${issuer}/keys` })
  expect(asked).toEqual([`${issuer}/keys`])
})

test('many who ask at once make one call', async () => {
  const { keys, asked } = set()
  await Promise.all(Array.from({ length: 50 }, () => keys.of(source)))
  expect(asked).toHaveLength(2)
})

test('an unknown key has them fetched again, at most every half minute', async () => {
  const { keys, asked, at, outside } = set()
  await keys.of(source)
  outside.set(`${issuer}/keys`, { keys: [key('b')] })
  expect(await keys.anew(source)).toBeUndefined()
  at.now += 30_000
  expect(await keys.anew(source)).toEqual({ keys: [key('b')] })
  for (let time = 0; time < 20; time += 1) expect(await keys.anew(source)).toBeUndefined()
  expect(asked).toHaveLength(4)
})

test('keys that cannot be fetched are used for an hour more, and then no longer', async () => {
  const { keys, at, outside } = set()
  await keys.of(source)
  outside.clear()
  at.now += 3_599_000
  expect(await keys.of(source)).toEqual({ keys: [key('a')] })
  at.now += 31_000
  await expect(keys.of(source)).rejects.toThrow(CallFailed)
})

test('an issuer that is down is asked every half minute, however many come', async () => {
  const { keys, asked, at, outside } = set()
  outside.clear()
  for (let time = 0; time < 20; time += 1) await expect(keys.of(source)).rejects.toThrow(CallFailed)
  expect(asked).toHaveLength(1)
  at.now += 30_000
  await expect(keys.of(source)).rejects.toThrow(CallFailed)
  expect(asked).toHaveLength(2)
})

test.each([
  ['a discovery document of another issuer', { issuer: 'https://evil.example', jwks_uri: `${issuer}/keys` }],
  ['one that names no keys', { issuer }],
  ['a list', []],
])('%s is refused', async (_what, document) => {
  const { keys, outside } = set()
  outside.set(discovery, document)
  await expect(keys.of(source)).rejects.toThrow(CallFailed)
})

test.each([
  ['no keys', {}],
  ['too many keys', { keys: Array.from({ length: 101 }, (_, at) => key(String(at))) }],
  ['null', null],
])('%s is refused', async (_what, document) => {
  const { keys, outside } = set()
  outside.set(`${issuer}/keys`, document)
  await expect(keys.of(source)).rejects.toThrow(CallFailed)
})

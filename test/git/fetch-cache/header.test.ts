import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endFromText, endToText, type StoredEnd } from '../../../src/git/fetch-cache/ending.ts'
import {
  endPatches,
  headerLength,
  newHeader,
  parseHeader,
  reservedPatch,
  writerPatch,
} from '../../../src/git/fetch-cache/header.ts'
import { parseLink } from '../../../src/git/fetch-cache/layout.ts'
import { isAlive, ownIdentity } from '../../../src/git/fetch-cache/living.ts'

const ends: fc.Arbitrary<StoredEnd> = fc.oneof(
  fc.constantFrom<StoredEnd>({ kind: 'whole' }, { kind: 'abandoned' }, { kind: 'too-large' }, { kind: 'broken' }),
  fc.integer({ min: 0, max: 255 }).map((code): StoredEnd => ({ kind: 'failed', ending: { kind: 'exited', code } })),
  fc
    .string({ unit: 'binary-ascii', maxLength: 100 })
    .map((reason): StoredEnd => ({ kind: 'failed', ending: { kind: 'aborted', reason } })),
  fc.constant<StoredEnd>({ kind: 'failed', ending: { kind: 'busy' } }),
)

describe('the header of an answer', () => {
  test('says who makes it and what is taken for it, and later how it ended', () => {
    const size = fc.integer({ min: 0, max: 2 ** 45 })
    fc.assert(
      fc.property(size, ends, (reserved, end) => {
        const header = newHeader(ownIdentity, 1)
        const apply = ({ bytes, position }: { bytes: Buffer; position: number }) => bytes.copy(header, position)
        apply(reservedPatch(reserved))
        expect(parseHeader(header)).toEqual({ maker: ownIdentity, writer: '', reserved, end: undefined })
        const [words, state] = endPatches(end)
        if (words === undefined || state === undefined) throw new Error('an end has two parts')
        apply(writerPatch('9.17'))
        apply(words)
        expect(parseHeader(header)?.end).toBeUndefined()
        apply(state)
        expect(parseHeader(header)).toEqual({ maker: ownIdentity, writer: '9.17', reserved, end })
      }),
    )
  })

  test('has room for a reason of any length', () => {
    const end: StoredEnd = { kind: 'failed', ending: { kind: 'aborted', reason: '\u0001ä'.repeat(1_000) } }
    expect(() => endPatches(end)).not.toThrow()
  })

  test('of any bytes is read without a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2 * headerLength }), (bytes) => {
        const header = parseHeader(Buffer.from(bytes))
        expect(header === undefined).toBe(bytes.length < headerLength)
      }),
    )
  })
})

test('an end is read as it was written, and anything else is broken', () => {
  fc.assert(
    fc.property(ends, (end) => {
      expect(endFromText(endToText(end))).toEqual(end)
    }),
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(typeof endFromText(text).kind).toBe('string')
    }),
  )
  for (const text of ['', '{}', 'null', '{"kind":"failed"}', '{"kind":"failed","ending":{"kind":"exited","code":"0"}}']) {
    expect(endFromText(text)).toEqual({ kind: 'broken' })
  }
})

test('the name of a link says whose it is, and for what', () => {
  expect(parseLink(`${ownIdentity}.17.making`)).toEqual({ identity: ownIdentity, isMaking: true })
  expect(parseLink(`${ownIdentity}.17`)).toEqual({ identity: ownIdentity, isMaking: false })
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(isAlive(parseLink(name).identity)).toBe(false)
    }),
  )
})

describe('a process', () => {
  test('is told from another one that had its number before', () => {
    const [pid, beginning] = ownIdentity.split('.')
    expect(isAlive(ownIdentity)).toBe(true)
    expect(isAlive(`${pid}.${Number(beginning) - 1}`)).toBe(false)
  })

  test('whose beginning nobody could tell lives while it takes signals', () => {
    expect(isAlive(`${process.pid}.0`)).toBe(true)
    expect(isAlive('4194305.0')).toBe(false)
  })
})

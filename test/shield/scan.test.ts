import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { marksFor } from '../../src/shield/marks.ts'
import { NeedleSearch } from '../../src/shield/needle-search.ts'
import { type Candidate, SecretScan } from '../../src/shield/scan.ts'
import { digestOfText } from '../../src/tokens/digest.ts'

const scan = new SecretScan(marksFor('glpat-'))

const candidatesIn = (bytes: Buffer, skip = 0, with_ = scan): Candidate[] => {
  const found: Candidate[] = []
  with_.scan(bytes, { isBare: () => true, skip, found: (candidate) => void found.push(candidate) })
  return found
}

const finds = (bytes: Buffer, secret: string): Candidate | undefined =>
  candidatesIn(bytes).find(({ digest }) => digest === digestOfText(secret))

const body = fc.uint8Array({ minLength: 15, maxLength: 15 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
const prefixes = ['glpat-', 'gldt-', 'glptt-', 'glft-', 'glimt-', 'glcbt-64_', 'glrt-', 'glrtr-', 'gloas-', 'sptx-', 'GR1348941']
const token = fc.tuple(fc.constantFrom(...prefixes), body).map(([prefix, rest]) => prefix + rest)
const around = fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes))
const words = fc.string({ maxLength: 90 }).map((text) => Buffer.from(text))

const broken = (text: string, width: number, end: string): string => text.replaceAll(new RegExp(`.{${width}}`, 'g'), `$&${end}`)

describe('a secret is found', () => {
  test('whatever stands around it', () => {
    fc.assert(
      fc.property(token, around, around, (secret, before, behind) => {
        const found = finds(Buffer.concat([before, Buffer.from(secret), behind]), secret)
        expect(found).toMatchObject({ form: 'marked', at: before.length })
      }),
    )
  })

  test('in base64 of whatever, which stands in whatever', () => {
    const alphabets = fc.constantFrom('base64', 'base64url')
    fc.assert(
      fc.property(token, words, words, alphabets, (secret, before, behind, alphabet) => {
        const inner = Buffer.concat([before, Buffer.from(secret), behind]).toString(alphabet)
        expect(finds(Buffer.from(`a: "${inner}"`), secret)).toBeDefined()
      }),
    )
  })

  test('in base64 of base64', () => {
    fc.assert(
      fc.property(token, words, (secret, before) => {
        const inner = Buffer.concat([before, Buffer.from(`\nx: ${Buffer.from(secret).toString('base64')}\n`)])
        expect(finds(Buffer.from(`b: ${inner.toString('base64')}`), secret)).toBeDefined()
      }),
    )
  })

  test('in base64 that is broken into lines', () => {
    const ends = fc.constantFrom('\n', '\r\n', '\n    ')
    fc.assert(
      fc.property(token, fc.nat(200), fc.constantFrom(64, 76), ends, (secret, length, width, end) => {
        const inner = Buffer.from(`${'y'.repeat(length)} ${secret} ${'z'.repeat(100)}`).toString('base64')
        expect(finds(Buffer.from(`key: |\n    ${broken(inner, width, end)}\n`), secret)).toBeDefined()
      }),
    )
  })

  test('in pieces of a file, whose base64 begins anywhere', () => {
    const secret = `glpat-${randomBytes(15).toString('base64url')}`
    const inner = broken(Buffer.from(`${'y'.repeat(300)} ${secret} ${'z'.repeat(300)}`).toString('base64'), 76, '\n')
    for (const cut of [8, 9, 10, 11]) {
      const digests = candidatesIn(Buffer.from(inner.slice(cut)), (4 - (cut % 4)) % 4).map(({ digest }) => digest)
      expect(digests).toContain(digestOfText(secret))
    }
  })

  test('with no mark, where it is of OAuth', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const secret = Buffer.from(bytes).toString('hex')
        expect(finds(Buffer.from(`https://oauth2:${secret}@git.example.org`), secret)).toMatchObject({ form: 'bare', at: 15 })
        expect(finds(Buffer.from(`t: ${Buffer.from(`x: ${secret}`).toString('base64')}`), secret)).toBeDefined()
      }),
    )
  })

  test('by a prefix that an administrator chose, and by that of before', () => {
    const chosen = new SecretScan(marksFor('acme/'))
    for (const secret of ['acme/abcdefghij0123456789', 'glpat-abcdefghij0123456789']) {
      const digests = candidatesIn(Buffer.from(`x ${secret} y`), 0, chosen).map(({ digest }) => digest)
      expect(digests).toContain(digestOfText(secret))
    }
  })

  test('of a length that an administrator chose, with a dot inside or behind', () => {
    const secret = 'glpat-an.administrators.own.choice-of-2026'
    expect(finds(Buffer.from(`It was ${secret}.`), secret)).toBeDefined()
    expect(finds(Buffer.from(`_gitlab_session=${'c'.repeat(20)}; path=/`), 'c'.repeat(20))).toBeDefined()
  })
})

test('words that begin like a token are none', () => {
  expect(candidatesIn(Buffer.from('glpat-short glpat- sptx-alsoshort gldt-x GR1348941'))).toEqual([])
})

test('a file that is filled with beginnings of tokens is given up, one that has many is not', () => {
  const looks = (text: string): boolean => scan.scan(Buffer.from(text), { isBare: () => true, skip: 0, found: () => {} }).isWhole
  expect(looks('glpat- '.repeat(6_000))).toBe(false)
  expect(looks('glpat-'.repeat(6_000))).toBe(false)
  expect(looks('glpat- and a few other words, as people write them\n'.repeat(4_000))).toBe(true)
})

test('any bytes are taken, and what is found lies inside', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(3), (bytes, skip) => {
      for (const { at } of candidatesIn(Buffer.from(bytes), skip)) expect(at).toBeLessThan(bytes.length)
    }),
  )
})

test('many needles at once are found where each would be found alone', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 80 })
  const needles = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 2, maxLength: 6 }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(text, needles, (hay, texts) => {
      const found: string[] = []
      const mark = { text: '', isPart: true }
      const search = new NeedleSearch(texts.map((needle) => ({ text: needle, mark, wrappings: [] })))
      search.find(Buffer.from(hay), (needle, at) => found.push(`${at} ${needle.text}`) > 0)
      const each = texts.flatMap((needle) => [...hay].flatMap((_, at) => (hay.startsWith(needle, at) ? [`${at} ${needle}`] : [])))
      expect(found.sort()).toEqual(each.sort())
    }),
  )
})

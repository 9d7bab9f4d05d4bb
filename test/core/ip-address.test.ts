import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countedAs, formatIp, ipRanges, isInRanges, parseIp, parseIpRange, peerAddress } from '../../src/core/ip-address.ts'

const written = (text: string): string | undefined => {
  const address = parseIp(text)
  return address && formatIp(address)
}

describe('an address has one written form', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1::', '1::'],
    ['::', '::'],
    ['::1', '::1'],
  ])('%s is %s', (text, form) => {
    expect(written(text)).toBe(form)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '1.2.3.4::',
    '::1.2.3.4:5',
    'g::',
    'fe80::1%eth0',
    '[::1]',
    '1:2:3:4:5:6:7::8',
    `${'0'.repeat(60)}::`,
  ])('%j is none', (text) => {
    expect(written(text)).toBeUndefined()
    if (!text.includes('%')) expect(isIP(text)).toBe(0)
  })

  test('whatever Node takes for an address is one here, and nothing else', () => {
    const nearly = fc.stringMatching(/^[0-9a-fg:.]{0,24}$/)
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), nearly)
    fc.assert(
      fc.property(text, (candidate) => {
        expect(parseIp(candidate) !== undefined).toBe(isIP(candidate) > 0)
      }),
      { numRuns: 2_000 },
    )
  })

  test('its written form is read as the same address', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        expect(parseIp(formatIp(groups))).toEqual(groups)
      }),
    )
  })
})

describe('ranges', () => {
  test.each([
    ['192.0.2.0/24', '192.0.2.200', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['::ffff:192.0.2.0/120', '192.0.2.9', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['2001:db8::/32', '2001:db8:8000::1', true],
    ['::1', '127.0.0.1', false],
  ])('%s and %s: %s', (range, address, isIn) => {
    expect(isInRanges(parseIp(address) ?? [], ipRanges([range]))).toBe(isIn)
  })

  test.each(['', '1.2.3.4/33', '::/129', '1.2.3.4/', '1.2.3.4/8/8', '1.2.3.4/-1', '/8', 'x/8', '1.2.3.4/ 8'])(
    '%j is none',
    (text) => {
      expect(parseIpRange(text)).toBeUndefined()
    },
  )

  test('agree with those of Node', () => {
    const cases = fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 }), fc.ipV4(), fc.integer({ min: 0, max: 32 }))
    fc.assert(
      fc.property(cases, ([start, bits, other, kept]) => {
        const near = nearTo(start, other, kept)
        const list = new BlockList()
        list.addSubnet(start, bits, 'ipv4')
        expect(isInRanges(parseIp(near) ?? [], ipRanges([`${start}/${bits}`]))).toBe(list.check(near, 'ipv4'))
      }),
      { numRuns: 1_000 },
    )
  })
})

const numberOf = (text: string): number => text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)

/** The first bits of one address and the rest of another. */
const nearTo = (start: string, other: string, kept: number): string => {
  const size = 2 ** (32 - kept)
  const number = Math.floor(numberOf(start) / size) * size + (numberOf(other) % size)
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
])('%s is counted as %s', (text, counted) => {
  expect(countedAs(parseIp(text) ?? [])).toBe(counted)
})

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['', undefined],
  [undefined, undefined],
])('the peer %s is %s', (remoteAddress, address) => {
  expect(peerAddress(remoteAddress)).toBe(address)
})

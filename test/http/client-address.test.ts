import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIp, ipRanges, parseIp } from '../../src/core/ip-address.ts'
import { clientOf } from '../../src/http/client-address.ts'

const trusted = ipRanges(['10.0.0.0/8', '::1', '127.0.0.1'])

const client = (peer: string, header: string | undefined): string => formatIp(clientOf(parseIp(peer) ?? [], header, trusted))

describe('whose address a request has', () => {
  test.each([
    ['no header', '10.0.0.1', undefined, '10.0.0.1'],
    ['a stranger who writes the header himself', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['one proxy', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a client that wrote an entry before the proxy did', '10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1'],
    ['a chain of proxies', '10.0.0.1', '192.0.2.66, 198.51.100.1, 10.9.9.9, 10.1.1.1', '198.51.100.1'],
    ['a chain that is trusted to its beginning', '10.0.0.1', '10.2.2.2, 10.1.1.1', '10.2.2.2'],
    ['an entry that is none, by a proxy', '10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
    ['an entry that is none, further left', '10.0.0.1', 'nonsense, 198.51.100.1', '198.51.100.1'],
    ['an empty header', '10.0.0.1', '', '10.0.0.1'],
    ['an empty last entry', '10.0.0.1', '198.51.100.1,', '10.0.0.1'],
    ['no blanks', '10.0.0.1', '192.0.2.66,198.51.100.1', '198.51.100.1'],
    ['a port', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['IPv6', '::1', '2001:DB8::0:1', '2001:db8::1'],
    ['IPv6 in brackets', '::1', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 with a port', '::1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['a mapped peer', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a mapped entry', '10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ])('%s', (_what, peer, header, expected) => {
    expect(client(peer, header)).toBe(expected)
  })

  test('a header of any length is read from its end, and only so far', () => {
    expect(client('10.0.0.1', `${'192.0.2.66, '.repeat(2_000)}198.51.100.1`)).toBe('198.51.100.1')
    expect(client('10.0.0.1', `198.51.100.1, ${'10.1.1.1, '.repeat(2_000)}10.1.1.1`)).toBe('10.1.1.1')
  })

  test('what a client writes changes nothing behind a trusted proxy', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000 }), fc.ipV4(), (forged, real) => {
        fc.pre(!real.startsWith('10.') && real !== '127.0.0.1')
        expect(client('10.0.0.1', `${forged}, ${real}`)).toBe(real)
      }),
    )
  })

  test('and without one, nothing at all', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000 }), (forged) => {
        expect(client('203.0.113.9', forged)).toBe('203.0.113.9')
      }),
    )
  })
})

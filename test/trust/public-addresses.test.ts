import { expect, test } from 'vitest'
import { ipRanges, parseIp } from '../../src/core/ip-address.ts'
import { isPublic, mayCall } from '../../src/trust/public-addresses.ts'

const closed = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
]

const open = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '2606:4700::1111',
  '2a00::1',
]

const read = (text: string) => {
  const address = parseIp(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

test.each(closed)('%s is not called', (text) => {
  expect(isPublic(read(text))).toBe(false)
})

test.each(open)('%s is called', (text) => {
  expect(isPublic(read(text))).toBe(true)
})

test('what is opened is called, and only that', () => {
  const opened = ipRanges(['127.0.0.1', 'fd00::/16'])
  expect(['127.0.0.1', '::ffff:127.0.0.1', 'fd00::7'].map((text) => mayCall(read(text), opened))).toEqual([true, true, true])
  expect(['127.0.0.2', 'fd01::7', '10.0.0.1'].map((text) => mayCall(read(text), opened))).toEqual([false, false, false])
})

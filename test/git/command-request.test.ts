import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCommand, wordsIn } from '../../src/git/command-request.ts'
import { encodePacket } from '../../src/git/pkt-line.ts'
import { protocolVersion } from '../../src/git/protocol-version.ts'

const packets = (...words: string[]): Buffer =>
  Buffer.concat(words.map((word) => (/^000[0-3]$/.test(word) ? Buffer.from(word) : encodePacket(word))))

test('a command with what it says of the client and what it asks', () => {
  const command = readCommand(
    packets('command=ls-refs\n', 'agent=git/2.50\n', 'object-format=sha1', '0001', 'peel\n', 'unborn', '0000'),
  )
  expect(command).toMatchObject({ name: 'ls-refs', capabilities: ['agent=git/2.50', 'object-format=sha1'] })
  expect(command && wordsIn(command)).toEqual(['peel', 'unborn'])
})

test('a command that asks nothing more', () => {
  expect(readCommand(packets('command=fetch', '0000'))).toEqual({ name: 'fetch', capabilities: [], words: Buffer.alloc(0) })
})

test.each([
  ['nothing', packets()],
  ['a flush alone', packets('0000')],
  ['no command', packets('agent=x', '0001', 'peel', '0000')],
  ['two commands', packets('command=ls-refs', 'command=ls-refs', '0000')],
  ['a capability that is not known', packets('command=ls-refs', 'colour=red', '0000')],
  ['another format of ids', packets('command=ls-refs', 'object-format=sha256', '0000')],
  ['no end', packets('command=ls-refs')],
  ['something behind its end', packets('command=ls-refs', '0000', 'peel')],
  ['two delimiters', packets('command=ls-refs', '0001', '0001', '0000')],
  ['a NUL', packets('command=ls-refs', '0001', 'ref-prefix a\0b', '0000')],
  ['half a packet', packets('command=ls-refs', '0000').subarray(0, 12)],
])('%s is left to git', (_what, request) => {
  expect(readCommand(request)).toBeUndefined()
})

test('any bytes are read or left, and never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readCommand(Buffer.from(bytes))
    }),
  )
})

test.each([
  [undefined, 0],
  ['', 0],
  ['version=1', 1],
  ['version=2', 2],
  ['version=1:version=2', 2],
  ['version=2:version=1', 2],
  ['key=value:version=1', 1],
  ['version=3', 0],
  ['__proto__', 0],
] as const)('a client that asks for %s is answered by version %s', (wish, version) => {
  expect(protocolVersion(wish)).toBe(version)
})

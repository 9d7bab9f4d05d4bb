import { describe, expect, test } from 'vitest'
import { type Packet, PacketParser } from '../../src/git/pkt-line.ts'
import type { PushRequest } from '../../src/git/ref-commands.ts'
import { declinedReport } from '../../src/git/report-status.ts'

const push = (...capabilities: string[]): PushRequest => ({
  updates: ['refs/heads/a', 'refs/heads/b'].map((ref) => ({ ref, oldId: '1'.repeat(40), newId: '2'.repeat(40) })),
  capabilities: new Set(capabilities),
  raw: Buffer.alloc(0),
})

const read = (bytes: Buffer): string[] => {
  const parser = new PacketParser()
  const shown = (packet: Packet) => (packet.kind === 'data' ? packet.payload.toString() : packet.kind)
  const packets = parser.push(bytes).map(shown)
  parser.end()
  return packets
}

const report = [
  'unpack ok\n',
  'ng refs/heads/a pre-receive hook declined\n',
  'ng refs/heads/b pre-receive hook declined\n',
  'flush',
]

describe('a push that is declined before git', () => {
  test.each(['report-status', 'report-status-v2'])('with %s and side-band says why and refuses each ref', (status) => {
    const [message = '', band = '', ...end] = read(declinedReport(push(status, 'side-band-64k'), 'first line\nsecond line'))
    expect(message).toBe('\x02GitLab: first line\nsecond line\n')
    expect(band[0]).toBe('\x01')
    expect(read(Buffer.from(band.slice(1)))).toEqual(report)
    expect(end).toEqual(['flush'])
  })

  test('without side-band is the report alone', () => {
    expect(read(declinedReport(push('report-status'), 'no'))).toEqual(report)
  })

  test('with side-band but no report is the message alone', () => {
    expect(read(declinedReport(push('side-band-64k'), 'no'))).toEqual(['\x02GitLab: no\n', 'flush'])
  })

  test('without either is nothing', () => {
    expect(declinedReport(push(), 'no')).toHaveLength(0)
  })

  test('no control character reaches the terminal', () => {
    const [message] = read(declinedReport(push('side-band-64k'), 'a\x1b[2Jb\rc\x9bd\0e'))
    expect(message).toBe('\x02GitLab: a[2Jbcde\n')
  })
})

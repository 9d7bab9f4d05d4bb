import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodePacket, flushPacket } from '../../src/git/pkt-line.ts'
import { MalformedPush, readPush } from '../../src/git/ref-commands.ts'

const a = 'a'.repeat(40)
const b = 'b'.repeat(40)
const zeros = '0'.repeat(40)

const head = (...lines: (string | Buffer)[]): Buffer => Buffer.concat([...lines.map(encodePacket), flushPacket])

const streamOf = (bytes: Buffer, size = bytes.length || 1): Readable => {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return Readable.from(chunks, { objectMode: false })
}

const rest = async (stream: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('the head of a push', () => {
  test('is read with its capabilities, and the stream stands right behind it', async () => {
    const bytes = head(`${a} ${b} refs/heads/main\0 report-status side-band-64k agent=git/2`, `${zeros} ${a} refs/tags/v1\n`)
    for (const size of [1, 3, 7, 65_536]) {
      const stream = streamOf(Buffer.concat([bytes, Buffer.from('PACK and more')]), size)
      const push = await readPush(stream)
      expect(push.updates).toEqual([
        { ref: 'refs/heads/main', oldId: a, newId: b },
        { ref: 'refs/tags/v1', oldId: zeros, newId: a },
      ])
      expect([...push.capabilities]).toEqual(['report-status', 'side-band-64k', 'agent=git/2'])
      expect(push.raw.equals(bytes)).toBe(true)
      expect((await rest(stream)).toString()).toBe('PACK and more')
    }
  })

  test.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a flush alone', flushPacket],
  ])('%s is a push of nothing', async (_, bytes) => {
    expect((await readPush(streamOf(bytes))).updates).toEqual([])
  })

  test('shallow lines are no commands, but are kept for git', async () => {
    const bytes = head(`shallow ${a}`, `${a} ${b} refs/heads/main\0report-status`)
    const push = await readPush(streamOf(bytes))
    expect(push.updates).toHaveLength(1)
    expect(push.capabilities.has('report-status')).toBe(true)
    expect(push.raw.equals(bytes)).toBe(true)
  })

  test('SHA-256 ids are read too', async () => {
    const [old, next] = ['c'.repeat(64), 'd'.repeat(64)]
    expect((await readPush(streamOf(head(`${old} ${next} refs/heads/x`)))).updates[0]).toMatchObject({ oldId: old, newId: next })
  })

  test.each<[string, Buffer]>([
    ['an end inside the commands', encodePacket(`${a} ${b} refs/heads/main`)],
    ['an end inside a packet', Buffer.from('0040half')],
    ['an end inside a header', Buffer.from('00')],
    ['no packet at all', Buffer.from('GET / HTTP/1.1')],
    ['a delimiter', Buffer.from('0001')],
    ['an empty line', head('')],
    ['a word', head('hello')],
    ['a short id', head(`${a.slice(1)} ${b} refs/heads/x`)],
    ['an id in capitals', head(`${a.toUpperCase()} ${b} refs/heads/x`)],
    ['ids of two lengths', head(`${a} ${'b'.repeat(64)} refs/heads/x`)],
    ['a command that does nothing', head(`${zeros} ${zeros} refs/heads/x`)],
    ['a command that does nothing, in SHA-256', head(`${'0'.repeat(64)} ${'0'.repeat(64)} refs/heads/x`)],
    ['no ref', head(`${a} ${b} `)],
    ['a ref with a line break', head(`${a} ${b} refs/heads/x\ny\n`)],
    ['a ref with an escape', head(`${a} ${b} refs/heads/\x1b[2J`)],
    ['a ref that is not UTF-8', head(Buffer.concat([Buffer.from(`${a} ${b} refs/heads/`), Buffer.from([0xff])]))],
    ['a ref of 1025 bytes', head(`${a} ${b} refs/heads/${'x'.repeat(1014)}`)],
    ['a ref twice', head(`${a} ${b} refs/heads/x`, `${b} ${a} refs/heads/x`)],
    ['a signed push', head('push-cert\0report-status')],
  ])('%s is malformed', async (_, bytes) => {
    await expect(readPush(streamOf(bytes))).rejects.toThrow(MalformedPush)
  })

  test('a ref of 1024 bytes is read', async () => {
    const ref = `refs/heads/${'x'.repeat(1013)}`
    expect((await readPush(streamOf(head(`${a} ${b} ${ref}`)))).updates[0]?.ref).toBe(ref)
  })

  test('100,000 commands are the most', async () => {
    const lines = Array.from({ length: 100_001 }, (_, at) => `${a} ${b} refs/heads/${at}`)
    expect((await readPush(streamOf(head(...lines.slice(1))))).updates).toHaveLength(100_000)
    await expect(readPush(streamOf(head(...lines)))).rejects.toThrow('at most 100000')
  })

  test('16 MiB are the most', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `${a} ${b} refs/heads/${at}/${'x'.repeat(900)}`)
    await expect(readPush(streamOf(head(...lines), 65_536))).rejects.toThrow('larger than')
  })

  test('a stream that fails is malformed, not a fault', async () => {
    const stream = new Readable({ read() {} })
    stream.on('error', () => {})
    stream.push('00')
    const push = readPush(stream)
    stream.destroy(new Error('gone'))
    await expect(push).rejects.toThrow(MalformedPush)
  })

  test.each([2, 4, 60])(
    'that pauses after %i bytes lets others have their turn, and is read when the rest comes',
    async (pause) => {
      const bytes = head(`${a} ${b} refs/heads/main`)
      const stream = new Readable({ read() {} })
      stream.push(bytes.subarray(0, pause))
      const push = readPush(stream)
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
      stream.push(bytes.subarray(pause))
      expect((await push).updates).toHaveLength(1)
    },
  )

  test('any bytes are a push or malformed', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((data) => Buffer.from(data)),
      fc.array(fc.string({ maxLength: 120, unit: 'binary' })).map((lines) => head(...lines)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (data, size) => {
        try {
          const push = await readPush(streamOf(data, size))
          expect(data.subarray(0, push.raw.length).equals(push.raw)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedPush)
        }
      }),
    )
  })

  test('what is read is what was sent', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-zé/-]{1,20}$/), { maxLength: 10, minLength: 1 })
    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 1, max: 90 }), async (refs, size) => {
        const bytes = head(...refs.map((ref) => `${a} ${b} refs/heads/${ref}`))
        const push = await readPush(streamOf(bytes, size))
        expect(push.updates.map(({ ref }) => ref)).toEqual(refs.map((ref) => `refs/heads/${ref}`))
      }),
    )
  })
})

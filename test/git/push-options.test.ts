import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPushHead } from '../../src/git/push-options.ts'
import { MalformedPush, type PushRequest } from '../../src/git/ref-commands.ts'
import { delimiter, flush, packet } from './properties/packets.ts'

const [zero, one] = ['0'.repeat(40), '1'.repeat(40)]
const commandWith = (capabilities: string): Buffer => packet(`${zero} ${one} refs/heads/x\0${capabilities}`)

/** What was read, and what is left for git; undefined where it is no push. */
const readFrom = async (chunks: readonly Buffer[]): Promise<{ push: PushRequest; rest: Buffer } | undefined> => {
  const input = new PassThrough()
  for (const chunk of chunks) input.write(chunk)
  input.end()
  try {
    const push = await readPushHead(input)
    const left: Buffer[] = []
    input.on('data', (chunk: Buffer) => left.push(chunk))
    if (!input.readableEnded) await once(input, 'end')
    return { push, rest: Buffer.concat(left) }
  } catch (fault) {
    expect(fault).toBeInstanceOf(MalformedPush)
    return undefined
  }
}

const piece = fc.oneof(
  fc.constantFrom(
    commandWith('report-status push-options'),
    commandWith('report-status'),
    commandWith(' push-options=x'),
    flush,
    delimiter,
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => packet(text)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
)

test('any bytes are a push, of which what is not read is left as it was, or none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (chunks) => {
      const read = await readFrom(chunks)
      if (read !== undefined) expect(Buffer.concat([read.push.raw, read.rest])).toEqual(Buffer.concat(chunks))
    }),
  )
})

test('options come out as they went in, and what is no text is nothing', async () => {
  const options = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => text !== '' && !text.endsWith('\n')))
  await fc.assert(
    fc.asyncProperty(options, fc.uint8Array({ maxLength: 40 }), async (said, rest) => {
      const lines = said.map((option) => packet(option))
      const chunks = [commandWith('push-options'), flush, ...lines, packet(Buffer.from([0xff])), flush, Buffer.from(rest)]
      const read = await readFrom(chunks.filter((chunk) => chunk.length > 0))
      expect(read?.push.options).toEqual(said)
      expect(read?.rest).toEqual(Buffer.from(rest))
    }),
  )
})

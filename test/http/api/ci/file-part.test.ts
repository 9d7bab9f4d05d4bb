import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BrokenForm, filePartOf } from '../../../../src/http/api/ci/file-part.ts'

const type = 'multipart/form-data; boundary=edge'

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

const contentOf = async (pieces: readonly Buffer[]): Promise<{ filename: string; content: Buffer }> => {
  const part = await filePartOf(Readable.from(pieces), type)
  const content: Buffer[] = []
  for await (const piece of part.content) content.push(piece)
  return { filename: part.filename, content: Buffer.concat(content) }
}

const form = (content: Buffer, filename = 'a.zip'): Buffer =>
  Buffer.concat([
    Buffer.from('--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nx\r\n'),
    Buffer.from(`--edge\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`),
    content,
    Buffer.from('\r\n--edge--\r\n'),
  ])

describe('a file is read out of a form', () => {
  it('whole, however the form comes in pieces', async () => {
    const nearBoundaries = fc.array(fc.constantFrom('\r\n', '--', '--edg', '\r', 'x', '\0'), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(nearBoundaries, fc.integer({ min: 1, max: 30 }), async (words, size) => {
        const content = Buffer.from(words.join(''))
        expect(await contentOf(cut(form(content), size))).toEqual({ filename: 'a.zip', content })
      }),
    )
  })

  it('under its name alone', async () => {
    expect((await contentOf([form(Buffer.from('x'), '../../etc/passwd')])).filename).toBe('passwd')
  })

  it.each([
    ['nothing', ''],
    ['no boundary', 'hello'],
    ['no file', '--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nx\r\n--edge--\r\n'],
    ['an end too early', '--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'],
    ['a head without end', `--edge\r\n${'x'.repeat(20_000)}`],
  ])('but not where there is %s', async (_what, text) => {
    await expect(contentOf([Buffer.from(text)])).rejects.toThrow(BrokenForm)
  })

  it('and whatever comes, it is a file or broken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await contentOf([Buffer.from('--edge\r\n'), Buffer.from(bytes)]).catch((fault: unknown) => {
          expect(fault).toBeInstanceOf(BrokenForm)
        })
      }),
    )
  })
})

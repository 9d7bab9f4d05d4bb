import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFields } from '../../../src/http/api/multipart.ts'

const type = 'multipart/form-data; boundary=b'
const read = (text: string, contentType = type) => readFields(Buffer.from(text), contentType)

test('what is put together is taken apart', async () => {
  const word = fc.string().filter((text) => !/[\r\n\ud800-\udfff]/.test(text))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(word, word), { maxLength: 5 }), async (pairs) => {
      const form = new FormData()
      for (const [name, value] of pairs) form.append(name, value)
      const packed = new Response(form)
      const fields = await readFields(Buffer.from(await packed.arrayBuffer()), packed.headers.get('content-type') ?? '')
      expect(fields?.pairs).toEqual(pairs)
    }),
  )
})

test('whatever comes is either read or is none', async () => {
  const piece = fc.constantFrom(
    '--b',
    '--b--',
    '\r\n',
    '\n',
    'Content-Disposition: form-data; name="a"',
    'Content-Disposition: form-data; name="a"; filename="f"',
    'Content-Transfer-Encoding: base64',
    'Content-Type: text/plain; charset=utf-16',
    'x',
    '\0',
    '"',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 20 }),
      fc.constantFrom(type, 'multipart/form-data', `${type}; boundary=c`),
      async (pieces, contentType) => {
        const fields = await read(pieces.join(''), contentType)
        expect(fields === undefined || Array.isArray(fields.pairs)).toBe(true)
      },
    ),
  )
})

test('files are left out', async () => {
  const file = 'Content-Disposition: form-data; name="avatar"; filename="a.png"\r\nContent-Type: image/png\r\n\r\npicture'
  const field = 'Content-Disposition: form-data; name="name"\r\n\r\nAda'
  expect((await read(`--b\r\n${file}\r\n--b\r\n${field}\r\n--b--\r\n`))?.pairs).toEqual([['name', 'Ada']])
})

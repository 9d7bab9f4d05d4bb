import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLooseRef } from '../../../src/git/refs/loose-refs.ts'
import { parsePackedRefs } from '../../../src/git/refs/read-packed.ts'

const one = '1'.repeat(40)
const two = '2'.repeat(40)
const header = '# pack-refs with: peeled fully-peeled sorted \n'

test('what is packed, and what is known of its tags', async () => {
  expect(await parsePackedRefs(`${header}${one} refs/heads/main\n${two} refs/tags/v1\n^${one}\n`)).toEqual([
    { name: 'refs/heads/main', id: one, target: undefined, peel: { kind: 'none' } },
    { name: 'refs/tags/v1', id: two, target: undefined, peel: { kind: 'to', id: one } },
  ])
})

test('without the promise that every tag is peeled, nothing is known of what has no line', async () => {
  expect((await parsePackedRefs(`${one} refs/tags/v1\n`))?.[0]?.peel).toEqual({ kind: 'unknown' })
})

test('the order is that of the bytes, whatever the file has', async () => {
  const names = ['refs/a/b', 'refs/a-b', 'refs/a.b', 'refs/B']
  const text = names.map((name) => `${one} ${name}\n`).join('')
  expect((await parsePackedRefs(text))?.map(({ name }) => name)).toEqual(['refs/B', 'refs/a-b', 'refs/a.b', 'refs/a/b'])
})

test('a long file is read in turns, and a tag whose line is in the next one is whole', async () => {
  const name = (at: number): string => `refs/tags/t${String(at).padStart(6, '0')}`
  const text = Array.from({ length: 4_999 }, (_, at) => `${one} ${name(at)}\n^${two}\n`).join('')
  let others = 0
  setImmediate(() => {
    others += 1
  })
  const reading = parsePackedRefs(`${header}${text}`)
  expect(others).toBe(0)
  const refs = await reading
  expect(refs).toHaveLength(4_999)
  expect(refs?.every(({ peel }) => peel.kind === 'to')).toBe(true)
  expect(others).toBe(1)
})

test.each([
  ['half a line', `${one} refs/heads/main\n${one}`],
  ['no id', 'main refs/heads/main\n'],
  ['a peeled id of nothing', `^${one}\n`],
  ['a name that is none', `${one} refs/heads/..\n`],
])('%s is left to git', async (_what, text) => {
  expect(await parsePackedRefs(text)).toBeUndefined()
})

test('any text is read or left, and never thrown at', async () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(`${one} refs/heads/a`, `^${two}`, '# x', `${two} refs/tags/t`))
  await fc.assert(
    fc.asyncProperty(fc.array(line), async (lines) => {
      const refs = await parsePackedRefs(lines.join('\n'))
      for (const ref of refs ?? []) expect(ref.id).toMatch(/^[0-9a-f]{40}$/)
    }),
  )
})

test.each([
  ['an object', `${one}\n`, { kind: 'object', id: one }],
  ['an object in capitals, with words behind it', `${'A'.repeat(40)} as git reads it\n`, { kind: 'object', id: 'a'.repeat(40) }],
  ['another ref', 'ref: refs/heads/main\n', { kind: 'symbolic', name: 'refs/heads/main' }],
  ['nothing', '', undefined],
  ['no object', `${'0'.repeat(40)}\n`, undefined],
  ['an id that is too long', `${one}1\n`, undefined],
  ['a ref outside', 'ref: ../../etc/passwd\n', undefined],
])('a loose ref that holds %s', (_what, text, value) => {
  expect(parseLooseRef(text)).toEqual(value)
})

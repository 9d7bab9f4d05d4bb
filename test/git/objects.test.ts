import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readLineCounts } from '../../src/git/line-counts.ts'
import { parseObjectLine, readObjectLines, readObjects } from '../../src/git/object-reader.ts'
import { parseCommit, parseTag } from '../../src/git/object-words.ts'
import { encodeChanges, makeTag } from '../../src/git/ref-changes.ts'
import { parseTreeEntry } from '../../src/git/tree-entries.ts'

const id = 'c'.repeat(40)
const other = 'd'.repeat(40)

async function* once(text: string | Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}

describe('object lines', () => {
  test.each([
    [`${id} commit 12`, { id, type: 'commit', size: 12 }],
    [`${id} missing`, undefined],
    ['abcd ambiguous', undefined],
    [`${id} commit -1`, undefined],
    [`${id} commit 12 more`, undefined],
    ['', undefined],
  ])('%s', (line, said) => expect(parseObjectLine(line)).toEqual(said))

  test('one answer for each question', async () => {
    expect(await readObjectLines(once(`${id} blob 3\nabcd missing\n`))).toEqual([{ id, type: 'blob', size: 3 }, undefined])
  })

  test('contents are framed by their size, whatever they hold', async () => {
    const content = fc.string({ unit: fc.constantFrom('a', '\n', '\0', `${id} blob 1\n`), maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.array(content), async (contents) => {
        const said = contents.map((text) => `${id} blob ${Buffer.byteLength(text)}\n${text}\n`).join('')
        const objects = await readObjects(once(`${said}abcd missing\n`), 1000)
        expect(objects.map((object) => object?.content.toString())).toEqual([...contents, undefined])
      }),
    )
  })
})

const commit = (text: string | Buffer) => parseCommit(id, Buffer.from(text))

describe('commits', () => {
  test('as git writes them', () => {
    const text = `tree ${other}\nparent ${id}\nparent ${other}\nauthor A U <a@b> 1700000000 +0130\ncommitter C <c@d> 1700000001 -0800\ngpgsig -----BEGIN\n author X <x@y> 1 +0000\n -----END\n\ntitle\n\nbody\n`
    expect(commit(text)).toEqual({
      id,
      parents: [id, other],
      author: { name: 'A U', email: 'a@b', seconds: 1_700_000_000, offset: 90 },
      committer: { name: 'C', email: 'c@d', seconds: 1_700_000_001, offset: -480 },
      message: 'title\n\nbody\n',
    })
  })

  test('in the encoding that they name', () => {
    const text = Buffer.from(`tree ${other}\nauthor J\xfcrgen <j@x> 1 +0000\nencoding ISO-8859-1\n\nGr\xfc\xdfe`, 'latin1')
    const { author, message } = commit(text)
    expect([author.name, message]).toEqual(['Jürgen', 'Grüße'])
  })

  test.each([
    ['no time', 'A <a@b>', { name: 'A', email: 'a@b', seconds: 0, offset: 0 }],
    ['a time that is none', 'A <a@b> x +0000', { name: 'A', email: 'a@b', seconds: 0, offset: 0 }],
    ['a time beyond all', 'A <a@b> 999999999999999999999 +0000', { name: 'A', email: 'a@b', seconds: 0, offset: 0 }],
    ['a zone that is none', 'A <a@b> 7 +9999', { name: 'A', email: 'a@b', seconds: 7, offset: 0 }],
    ['no address', 'A', { name: 'A', email: '', seconds: 0, offset: 0 }],
    ['an address in an address', 'A <a <b> c> 7 +0000', { name: 'A', email: 'a <b> c', seconds: 7, offset: 0 }],
  ])('an author with %s', (_, author, said) => expect(commit(`author ${author}\n\nx`).author).toEqual(said))

  test('whatever stands in an object, it is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof commit(Buffer.from(bytes)).message).toBe('string')
        expect(typeof parseTag(id, Buffer.from(bytes)).message).toBe('string')
      }),
    )
  })
})

describe('entries of a tree', () => {
  const entry = (text: string) => parseTreeEntry(Buffer.from(text))

  test.each([
    [`100644 blob ${id}\tdir/a b`, { mode: '100644', type: 'blob', id, size: undefined, path: 'dir/a b' }],
    [`100755 blob ${id}     123\tx\ty`, { mode: '100755', type: 'blob', id, size: 123, path: 'x\ty' }],
    [`160000 commit ${id}       -\tmodule`, { mode: '160000', type: 'commit', id, size: undefined, path: 'module' }],
  ])('%j', (text, said) => expect(entry(text)).toEqual(said))

  test('anything else is a fault', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^\d{6} (tree|blob|commit)/.test(text))
        expect(() => entry(text)).toThrow('cannot be read')
      }),
    )
  })
})

test('line counts', async () => {
  const said = `${id}\n 2 files changed, 3 insertions(+), 1 deletion(-)\n${other} more\n 1 file changed, 4 deletions(-)\n`
  expect(await readLineCounts(once(said))).toEqual(
    new Map([
      [id, { additions: 3, deletions: 1 }],
      [other, { additions: 0, deletions: 4 }],
    ]),
  )
})

test('changes of refs, as git reads them', () => {
  const [made, gone] = [`refs/heads/a`, `refs/tags/b`]
  const changes = [
    { ref: made, oldId: '0'.repeat(40), newId: id },
    { ref: gone, oldId: other, newId: '0'.repeat(40) },
  ]
  expect(encodeChanges(changes)).toBe(`create ${made}\0${id}\0delete ${gone}\0${other}\0`)
})

describe('a new tag', () => {
  let directory = ''
  const git = (words: readonly string[], input?: Buffer) =>
    execFileSync('git', ['-C', directory, ...words], { input, stdio: ['pipe', 'pipe', 'pipe'] })
      .toString()
      .trim()

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'new-tag-'))
    git(['init', '-q'])
  })

  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test.each([
    ['an ordinary name', { name: 'Ada Lovelace', email: 'ada@example.com' }],
    ['a name that would break out', { name: 'Ada <x@y> 1 +0000\ntagger Eve', email: 'a>b\n@c' }],
    ['no name at all', { name: ' <> ', email: '' }],
  ])('with %s has the id that git gives it', (_, tagger) => {
    const target = { id, type: 'commit' }
    const tag = makeTag({ name: 'v1', target, tagger, message: 'Über alles\n\nmore', at: 1_700_000_000_500 })
    expect(git(['hash-object', '-t', 'tag', '--stdin', '-w'], tag.content)).toBe(tag.id)
    const { tagger: read, message } = parseTag(tag.id, tag.content)
    expect([read?.seconds, message]).toEqual([1_700_000_000, 'Über alles\n\nmore\n'])
    expect(tag.content.toString().match(/^tagger /gm)).toHaveLength(1)
  })
})

import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LooseObject, looseObjects, quarantineOf, readLoose } from '../../src/git/quarantine.ts'
import { run } from '../support/git-stage.ts'

let quarantine: string

beforeEach(async () => {
  quarantine = await mkdtemp(join(tmpdir(), 'sallyport-quarantine-'))
  await mkdir(join(quarantine, 'pack'))
})

afterEach(() => rm(quarantine, { recursive: true, force: true }))

const id = 'ab'.repeat(20)

/** An object as a file, which git may or may not have written. */
const write = async (bytes: Buffer, name = id.slice(2)): Promise<LooseObject> => {
  const path = join(quarantine, id.slice(0, 2), name)
  await mkdir(join(quarantine, id.slice(0, 2)), { recursive: true })
  await writeFile(path, bytes)
  return { id, path }
}

const contentOf = (object: LooseObject) =>
  readLoose(object, async ({ type, size }, content) => ({ type, bytes: await content.take(size, size) }))

test('what git writes is read as it was', async () => {
  const contents = [Buffer.alloc(0), Buffer.from('text\n'), randomBytes(3 * 2 ** 20), Buffer.alloc(20 * 2 ** 20)]
  const home = join(quarantine, 'home')
  await run('git', ['init', '-q', '--bare', home], '/', { PATH: process.env['PATH'] ?? '' })
  await mkdir(join(quarantine, 'objects'))
  for (const [at, content] of contents.entries()) await writeFile(join(home, `${at}`), content)
  const environment = { PATH: process.env['PATH'] ?? '', GIT_OBJECT_DIRECTORY: join(quarantine, 'objects') }
  const names = contents.map((_, at) => join(home, `${at}`))
  const written = await run('git', [`--git-dir=${home}`, 'hash-object', '-w', '--', ...names], '/', environment)
  const ids = written.stdout.trim().split('\n')
  const objects = looseObjects(join(quarantine, 'objects')) ?? []
  expect(objects.map((object) => object.id).sort()).toEqual(ids.toSorted())
  for (const object of objects) {
    const { type, bytes } = await contentOf(object)
    expect([type, bytes.equals(contents[ids.indexOf(object.id)] ?? Buffer.from('none'))]).toEqual(['blob', true])
  }
})

test('a part of an object may be enough', async () => {
  const object = await write(deflateSync(`tree ${20 * 2 ** 20}\0${'x'.repeat(20 * 2 ** 20)}`))
  expect(await readLoose(object, async ({ type }) => type)).toBe('tree')
})

describe('a quarantine is left to git', () => {
  test.each([
    ['a pack', async () => writeFile(join(quarantine, 'pack', 'a.pack'), '')],
    ['a file of another name', async () => void (await write(Buffer.alloc(0), 'tmp_obj_abcdef'))],
    ['a file beside the folders', async () => writeFile(join(quarantine, 'file'), '')],
    ['a folder of another name', async () => void (await mkdir(join(quarantine, 'info')))],
    ['a link', async () => symlink('/etc/passwd', (await write(Buffer.alloc(0))).path.replace(/..$/, 'cd'))],
    ['a folder that is a link', async () => symlink('/etc', join(quarantine, 'ab'))],
  ])('that holds %s', async (_, make) => {
    await make()
    expect(looseObjects(quarantine)).toBeUndefined()
  })
})

test('an empty one holds nothing', () => {
  expect(looseObjects(quarantine)).toEqual([])
})

test('whatever else stands in a file is a fault', async () => {
  const cut = deflateSync('blob 9\x0a3456789').subarray(0, -8)
  const cases = [
    Buffer.alloc(0),
    Buffer.from('blob 1\0a'),
    cut,
    deflateSync('blob 9\0ab'),
    deflateSync('blob'),
    deflateSync('blob -1\0a'),
  ]
  for (const bytes of cases) await expect(contentOf(await write(bytes))).rejects.toThrow()
  await expect(contentOf({ id, path: join(quarantine, 'absent') })).rejects.toThrow('ENOENT')
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (content) => {
      const bytes = Buffer.from(content)
      const read = await contentOf(await write(deflateSync(bytes))).catch(() => undefined)
      expect(read === undefined || bytes.includes(`${read.type} `)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('a place is made from the name of a quarantine and nothing else', () => {
  expect(quarantineOf('/r/1.git', 'tmp_objdir-incoming-Ab3xY9')).toBe('/r/1.git/objects/tmp_objdir-incoming-Ab3xY9')
  for (const name of [
    '',
    '.',
    '..',
    'pack',
    '/etc',
    'tmp_objdir-incoming-',
    'tmp_objdir-incoming-abc/../x',
    'tmp_objdir-incoming-abcdef\0',
  ]) {
    expect(() => quarantineOf('/r/1.git', name)).toThrow('named no quarantine')
  }
})

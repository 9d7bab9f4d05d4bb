import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseRef } from '../../src/access/refuse.ts'
import { answerHook } from '../../src/git/hook-talk.ts'
import type { ObjectPiece, PushInspection } from '../../src/git/push-inspection.ts'

const [one, other] = ['1'.repeat(40), '2'.repeat(40)]

let repository: string
const packed = 'tmp_objdir-incoming-packed'
const loose = 'tmp_objdir-incoming-loose0'

const writeLoose = async (id: string, content: string): Promise<void> => {
  const folder = join(repository, 'objects', loose, id.slice(0, 2))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, id.slice(2)), deflateSync(content))
}

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'sallyport-talk-'))
  await mkdir(join(repository, 'objects', packed, 'pack'), { recursive: true })
  await writeFile(join(repository, 'objects', packed, 'pack', 'one.pack'), '')
  await mkdir(join(repository, 'objects', loose, 'pack'), { recursive: true })
  await writeLoose(one, 'blob 3\0abc')
  await writeLoose(other, 'tree 0\0')
})

afterAll(() => rm(repository, { recursive: true, force: true }))

/** A hook that says these things, the next one whenever it was answered, and is gone after the last. */
const hookThatSays = (...sayings: string[]): { hook: Duplex; answers: string[] } => {
  const answers: string[] = []
  const speak = (to: Duplex): void => {
    const saying = sayings.shift()
    if (saying !== undefined) to.push(Buffer.from(saying))
    if (sayings.length === 0) to.push(null)
  }
  const hook = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      answers.push(chunk.toString())
      if (sayings.length > 0) speak(this)
      done()
    },
  })
  speak(hook)
  return { hook, answers }
}

const inspectionOf = (suspects: readonly string[], seen: ObjectPiece[] = []): PushInspection => ({
  see: async (piece) => void seen.push(piece),
  suspects: async () => new Set(suspects),
  conclude: async (left, paths) =>
    left.size === 0 ? undefined : refuseRef('live_token', 'refs/heads/x', [...left].map((id) => paths.get(id) ?? '?').join('\n')),
})

const ask = (hook: Duplex, inspection: PushInspection) => answerHook(hook, { inspection, repository, touch: () => {} })

/** What a hook says that shows all that a pack holds, and then the rest. */
const shown = (...sayings: string[]) => hookThatSays(`quarantine ${packed}\n`, ...sayings)

describe('the talk with the hook', () => {
  test('lets a push pass in which there is nothing', async () => {
    const seen: ObjectPiece[] = []
    const { hook, answers } = shown(`${one} blob 3\nabc\n${other} commit 0\n\nend\n`)
    expect(await ask(hook, inspectionOf([], seen))).toBeUndefined()
    expect(answers).toEqual(['show\n', 'pass\n'])
    expect(seen.map(({ object, at, bytes }) => [object.type, at, bytes.toString()])).toEqual([['blob', 0, 'abc']])
  })

  test('has nothing shown that it can read, and leaves trees out', async () => {
    const seen: ObjectPiece[] = []
    const { hook, answers } = hookThatSays(`quarantine ${loose}\n`)
    expect(await ask(hook, inspectionOf([], seen))).toBeUndefined()
    expect(answers).toEqual(['pass\n'])
    expect(seen).toEqual([{ object: { id: one, type: 'blob', size: 3 }, at: 0, bytes: Buffer.from('abc') }])
  })

  test.each(['', '..', 'pack', 'tmp_objdir-incoming-../../x', 'tmp_objdir-incoming-absent'])(
    'breaks off where the quarantine is %j',
    async (name) => {
      const { hook, answers } = hookThatSays(`quarantine ${name}\n`)
      await expect(ask(hook, inspectionOf([]))).rejects.toThrow(/named no quarantine|ENOENT/)
      expect([answers, hook.destroyed]).toEqual([[], true])
    },
  )

  test('reads large objects in pieces that overlap', async () => {
    const seen: ObjectPiece[] = []
    const size = 2.5 * 2 ** 20
    const { hook } = shown(`${one} blob ${size}\n${'x'.repeat(size)}\nend\n`)
    await ask(hook, inspectionOf([], seen))
    expect(seen.map(({ at, bytes }) => [at, at + bytes.length])).toEqual([
      [0, 2 ** 20],
      [2 ** 20 - 4096, 2 * 2 ** 20],
      [2 * 2 ** 20 - 4096, size],
    ])
  })

  test('names what is refused', async () => {
    const { hook, answers } = shown(`${one} blob 1\na\nend\n`, `${other}\n${one} a \\ "path\n${'3'.repeat(40)} b\nend\n`)
    expect(await ask(hook, inspectionOf([one]))).toMatchObject({ reason: 'live_token' })
    expect(answers).toEqual(['show\n', 'paths\n', 'decline a \\\\ "path\n'])
  })

  test('leaves alone what was there before', async () => {
    const { hook, answers } = shown(`${one} blob 1\na\nend\n`, 'end\n', 'yes\n')
    expect(await ask(hook, inspectionOf([one]))).toBeUndefined()
    expect(answers).toEqual(['show\n', 'paths\n', `had ${one}\n`, 'pass\n'])
  })

  test('knows what no ref will hold, but is there', async () => {
    const { hook, answers } = shown(`${one} blob 1\na\nend\n`, 'end\n', 'no\n')
    expect(await ask(hook, inspectionOf([one]))).toMatchObject({ message: '?' })
    expect(answers.at(-1)).toBe('decline ?\n')
  })

  test('is over at once where git never asked', async () => {
    const { hook } = hookThatSays()
    expect(await ask(hook, inspectionOf([one]))).toBeUndefined()
  })

  test.each([
    ['an object that is missing', ['failed missing\nend\n']],
    ['an object cut short', [`${one} blob 9\nabc`]],
    ['no end', [`${one} blob 1\na\n`]],
    ['paths that cannot be told', [`${one} blob 1\na\nend\n`, 'failed\nend\n']],
    ['paths without an end', [`${one} blob 1\na\nend\n`, `${one} a\n`]],
  ])('breaks off without a word at %s', async (_, sayings) => {
    const { hook, answers } = shown(...sayings)
    await expect(ask(hook, inspectionOf([one]))).rejects.toThrow(/hook|announced/)
    expect(answers.filter((answer) => !['show\n', 'paths\n'].includes(answer))).toEqual([])
    expect(hook.destroyed).toBe(true)
  })

  test('breaks off without a word where the look fails', async () => {
    const { hook, answers } = shown(`${one} blob 1\na\nend\n`)
    const fault = { ...inspectionOf([]), suspects: () => Promise.reject(new Error('no database')) }
    await expect(ask(hook, fault)).rejects.toThrow('no database')
    expect([answers, hook.destroyed]).toEqual([['show\n'], true])
  })
})

test('whatever a hook says, a push passes only behind a list that ends', async () => {
  const saying = fc.oneof(
    fc.constantFrom('end\n', `${one} blob 3\nabc\n`, `${one} tree 0\n\n`, 'yes\n', 'no\n', 'failed\n', `${one} a path\n`),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(saying, { maxLength: 6 }), fc.subarray([one, other]), async (sayings, suspects) => {
      const { hook, answers } = shown(sayings.join(''))
      const ended = await ask(hook, inspectionOf(suspects)).catch(() => 'fault')
      expect(hook.destroyed).toBe(true)
      if (answers.includes('pass\n')) expect([ended, sayings.join('')]).toEqual([undefined, expect.stringMatching(/(^|\n)end\n/)])
    }),
  )
})

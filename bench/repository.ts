import { type Cipheriv, createCipheriv, createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { run } from './processes.ts'

/** What a made repository looks like; the same shape gives the same objects everywhere. */
export interface Shape {
  readonly name: string
  readonly commits: number
  readonly branches: number
  readonly tags: number
  /** Each commit brings a file of so many bytes that do not compress. */
  readonly bytesPerCommit: number
}

export const shapes = {
  small: { name: 'small', commits: 40, branches: 14, tags: 5, bytesPerCommit: 1_024 },
  medium: { name: 'medium', commits: 3_200, branches: 1_499, tags: 500, bytesPerCommit: 21_000 },
  huge: { name: 'huge', commits: 6_400, branches: 1_499, tags: 500, bytesPerCommit: 52_000 },
  quickMedium: { name: 'medium', commits: 320, branches: 149, tags: 50, bytesPerCommit: 21_000 },
  quickHuge: { name: 'huge', commits: 640, branches: 149, tags: 50, bytesPerCommit: 100_000 },
} as const satisfies Record<string, Shape>

const textFiles = 200
const linesPerFile = 60
const firstSecond = 1_700_000_000

/** Bytes that look random and depend on the name alone. */
const bytesFrom = (cipher: Cipheriv, length: number): Buffer => cipher.update(Buffer.alloc(length))

const data = (content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])
}

const person = (second: number): string => `Ada <ada@example.com> ${second} +0000`

/** Source files that change a line at a time, as people's do. */
class Texts {
  readonly #cipher: Cipheriv
  readonly #files: string[][]

  constructor(cipher: Cipheriv) {
    this.#cipher = cipher
    this.#files = Array.from({ length: textFiles }, () => Array.from({ length: linesPerFile }, () => this.#line()))
  }

  change(commit: number): { path: string; content: string } {
    const number = (commit * 7) % textFiles
    const lines = this.#files[number] ?? []
    lines[commit % linesPerFile] = this.#line()
    return { path: `source/${number % 20}/${number}.txt`, content: `${lines.join('\n')}\n` }
  }

  #line(): string {
    return bytesFrom(this.#cipher, 24).toString('hex')
  }
}

function* commits(shape: Shape, cipher: Cipheriv): Generator<Buffer> {
  const texts = new Texts(cipher)
  for (let commit = 1; commit <= shape.commits; commit += 1) {
    const text = texts.change(commit)
    yield Buffer.from(`commit refs/heads/main\nmark :${commit}\ncommitter ${person(firstSecond + commit * 60)}\n`)
    yield data(`Change number ${commit}\n`)
    yield Buffer.from(`M 100644 inline assets/${commit % 40}/${commit % 400}.bin\n`)
    yield data(bytesFrom(cipher, shape.bytesPerCommit))
    yield Buffer.from(`M 100644 inline ${text.path}\n`)
    yield data(text.content)
  }
}

/** Spread over the whole history. */
const markOf = (index: number, count: number, shape: Shape): number => 1 + Math.floor((index * shape.commits) / count)

function* refs(shape: Shape): Generator<Buffer> {
  for (let index = 0; index < shape.branches; index += 1) {
    yield Buffer.from(`reset refs/heads/topic/${index}\nfrom :${markOf(index, shape.branches, shape)}\n\n`)
  }
  for (let index = 0; index < shape.tags; index += 1) {
    const mark = markOf(index, shape.tags, shape)
    yield Buffer.from(`tag v${index}\nfrom :${mark}\ntagger ${person(firstSecond + mark * 60)}\n`)
    yield data(`Release ${index}\n`)
  }
}

function* history(shape: Shape): Generator<Buffer> {
  const key = createHash('sha256').update(shape.name).digest().subarray(0, 16)
  yield* commits(shape, createCipheriv('aes-128-ctr', key, Buffer.alloc(16)))
  yield* refs(shape)
  yield Buffer.from('done\n')
}

/** Makes a bare repository of that shape. */
export const makeRepository = async (directory: string, shape: Shape): Promise<void> => {
  await run('git', ['init', '-q', '--bare', '-b', 'main', '--', directory])
  const input = Readable.from(history(shape), { objectMode: false })
  await run('git', ['-C', directory, 'fast-import', '--quiet', '--done'], { input })
  await run('git', ['-C', directory, 'pack-refs', '--all'])
}

/**
 * Brings a server's repository into the state that maintenance leaves: one pack with a bitmap, packed refs, a commit
 * graph. Both sides get the same, so that servers are compared and not their maintenance.
 */
export const maintain = async (directory: string): Promise<void> => {
  await run('git', ['-C', directory, 'repack', '-a', '-d', '-q', '--write-bitmap-index', '--window=0'])
  await run('git', ['-C', directory, 'pack-refs', '--all'])
  await run('git', ['-C', directory, 'commit-graph', 'write', '--reachable', '--no-progress'])
}

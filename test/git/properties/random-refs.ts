import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import type { Pool } from './object-pool.ts'

export interface Ref {
  readonly name: string
  readonly place: 'loose' | 'packed' | 'both' | 'symbolic' | 'broken'
  /** Which object of the pool, taken modulo their number; where it is in both places, the packed one is another. */
  readonly object: number
  /** Of a symbolic ref. */
  readonly target: string
}

export interface RefState {
  readonly refs: readonly Ref[]
  readonly head: { readonly kind: 'branch'; readonly name: string } | { readonly kind: 'detached'; readonly object: number }
  /** The first line of `packed-refs`: what git may rely on. */
  readonly header: 'full' | 'peeled' | 'none'
}

const parts = ['a', 'a-b', 'a.b', 'ab', 'A', 'b', 'B', '0', '_', 'a@b', 'a+', 'é', 'ü', '日本', '\u{1f600}', 'main', 'HEAD']

const spaces = [
  'refs/heads',
  'refs/heads',
  'refs/tags',
  'refs/notes',
  'refs/merge-requests/1',
  'refs/remotes/origin',
  'refs/pipelines',
  'refs/pipelines-x',
  'refs/keep-around',
  'refs/keep-aroundness',
  'refs/tmp',
  'refs/environments',
  'refs',
]

const nameArbitrary = fc
  .tuple(fc.constantFrom(...spaces), fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 }))
  .map(([space, below]) => [space, ...below].join('/'))

const refArbitrary: fc.Arbitrary<Ref> = fc.record({
  name: nameArbitrary,
  place: fc.constantFrom('loose', 'packed', 'both', 'loose', 'packed', 'symbolic', 'broken'),
  object: fc.nat(63),
  target: nameArbitrary,
})

/** A ref cannot be a folder of another one. */
const withoutConflicts = (refs: readonly Ref[]): Ref[] => {
  const kept: Ref[] = []
  const reserved = spaces.map((space) => `${space}/`)
  for (const ref of refs) {
    const isFree = kept.every(
      ({ name }) => name !== ref.name && !name.startsWith(`${ref.name}/`) && !ref.name.startsWith(`${name}/`),
    )
    if (isFree && !reserved.some((space) => space.startsWith(`${ref.name}/`))) kept.push(ref)
  }
  return kept
}

const headArbitrary: fc.Arbitrary<RefState['head']> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...parts).map((part) => ({ kind: 'branch', name: `refs/heads/${part}` }) as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('detached' as const), object: fc.nat(63) }) },
  { weight: 1, arbitrary: nameArbitrary.map((name) => ({ kind: 'branch', name }) as const) },
)

export const refStateArbitrary: fc.Arbitrary<RefState> = fc.record({
  refs: fc.array(refArbitrary, { maxLength: 14 }).map(withoutConflicts),
  head: headArbitrary,
  header: fc.constantFrom('full', 'full', 'peeled', 'none'),
})

/** Branches hold commits; whatever else there is may hold anything. */
const objectFor = ({ commits, tags, others }: Pool, name: string, number: number): string => {
  const any = name.startsWith('refs/heads/') ? commits : [...commits, ...tags.map(({ id }) => id), ...others]
  return any[number % any.length] ?? ''
}

const headers = {
  full: '# pack-refs with: peeled fully-peeled sorted \n',
  peeled: '# pack-refs with: peeled \n',
  none: '',
} as const

const packedLines = (pool: Pool, { name, object, place }: Ref, header: RefState['header']): string => {
  const id = objectFor(pool, name, place === 'both' ? object + 1 : object)
  const peeled = pool.tags.find((tag) => tag.id === id)?.peeled
  const isTold = header === 'full' || (header === 'peeled' && name.startsWith('refs/tags/'))
  return `${id} ${name}\n${peeled !== undefined && isTold ? `^${peeled}\n` : ''}`
}

/** What a crash, a half restored backup or a person leave in the place of a ref. */
const debris = [
  '',
  '\n',
  'garbage\n',
  `${'1'.repeat(40)}\n`,
  '1234\n',
  `${'0'.repeat(40)}\n`,
  'ref: \n',
  'ref: ../../etc\n',
] as const

const writeLoose = (directory: string, name: string, text: string): void => {
  mkdirSync(dirname(join(directory, name)), { recursive: true })
  writeFileSync(join(directory, name), text)
}

/** Puts this state in the place of the one that is there, by nothing but files. */
export const writeRefs = (directory: string, pool: Pool, { refs, head, header }: RefState): void => {
  for (const name of ['refs', 'packed-refs']) rmSync(join(directory, name), { recursive: true, force: true })
  for (const folder of ['refs/heads', 'refs/tags']) mkdirSync(join(directory, folder), { recursive: true })
  const sorted = refs.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  const packed = sorted.filter(({ place }) => place === 'packed' || place === 'both')
  const text = packed.map((ref) => packedLines(pool, ref, header)).join('')
  if (packed.length > 0) writeFileSync(join(directory, 'packed-refs'), `${headers[header]}${text}`)
  for (const { name, place, object, target } of refs) {
    if (place === 'loose' || place === 'both') writeLoose(directory, name, `${objectFor(pool, name, object)}\n`)
    if (place === 'broken') writeLoose(directory, name, debris[object % debris.length] ?? '')
    if (place === 'symbolic') writeLoose(directory, name, `ref: ${target}\n`)
  }
  const headText = head.kind === 'branch' ? `ref: ${head.name}` : objectFor(pool, 'refs/heads/x', head.object)
  writeFileSync(join(directory, 'HEAD'), `${headText}\n`)
}

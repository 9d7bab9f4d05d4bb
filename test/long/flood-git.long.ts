import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { Stand } from './flood/stand.ts'

const refs = 500_000

let stand: Stand
let manyRefs: { readonly path: string; readonly want: string }

/** As an administrator would write them to the disk; pushed, they would take an hour. */
const giveRefs = async (id: number, commit: string): Promise<void> => {
  const directory = join(stand.scene.server.home, 'repos', (id % 256).toString(16).padStart(2, '0'), `${id}.git`)
  const line = (at: number): string => `${commit} refs/tags/t${String(at).padStart(7, '0')}\n`
  const lines = Array.from({ length: refs }, (_, at) => line(at)).join('')
  await writeFile(join(directory, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines}`)
}

beforeAll(async () => {
  stand = await Stand.open({ env: { SALLYPORT_MAX_PUSH: '16MiB' } })
  const { scene } = stand
  const id = await scene.project('many-refs', { visibility: 'public' })
  const { stdout } = await scene.client.git(['rev-parse', 'HEAD'], { cwd: join(scene.client.directory, 'seed-many-refs') })
  manyRefs = { path: 'castle/many-refs', want: stdout.trim() }
  await giveRefs(id, manyRefs.want)
})
afterAll(() => stand?.[Symbol.asyncDispose]())

test('1,000 clones at once', async () => {
  await stand.flood([['clones', 1_000]], { memory: 400, gits: 16, health: 300, work: 0.4 })
})

test('lists of 500,000 refs, asked for by many at once', async () => {
  await stand.flood([['lsRefs', 20]], { memory: 300, gits: 24, work: 0.1 }, manyRefs)
})

test('pushes beyond the limit', async () => {
  await stand.flood([['hugePushes', 8]], { memory: 300, gits: 16, work: 0.1 })
})

test('packs that stand for hours of work', async () => {
  await stand.flood([['deltaBombs', 4]], { memory: 300, gits: 16, work: 0.25 })
})

test('small bodies that unpack to large ones, and requests of a hundred thousand lines', async () => {
  await stand.flood(
    [
      ['gzipBombs', 16],
      ['packets', 16],
    ],
    { memory: 400, gits: 40, health: 600, work: 0.03 },
  )
})

import { beforeAll, describe, expect, test } from 'vitest'
import { advertisementsAreGits } from './advertisements.ts'
import { fillPool, type Pool } from './object-pool.ts'
import { theGround } from './one-ground.ts'
import { lsRefs } from './packets.ts'
import type { ProvingGround } from './proving-ground.ts'
import { writeRefs } from './random-refs.ts'
import { answerTo } from './stock-git.ts'

describe('advertisements', () => {
  let ground: ProvingGround
  let place: Awaited<ReturnType<ProvingGround['project']>>
  let pool: Pool

  beforeAll(async () => {
    ground = await theGround()
    place = await ground.project('shown')
    pool = fillPool(place.directory)
  })

  test('any refs are shown as git shows them', async () => {
    await advertisementsAreGits(ground, place, pool, 8)
  })

  const some = ['refs/heads/a', 'refs/heads/b', 'refs/tags/a'].map((name) => ({
    name,
    place: 'loose' as const,
    object: 1,
    target: '',
  }))

  /** Git stops to look at prefixes where there are 65,536 of them (`ls-refs.c`, `TOO_MANY_PREFIXES`). */
  test.each([
    [65_535, ['refs/heads/a']],
    [65_536, ['HEAD', 'refs/heads/a', 'refs/heads/b', 'refs/tags/a']],
  ])('%i prefixes', async (count, names) => {
    writeRefs(place.directory, pool, { refs: some, head: { kind: 'branch', name: 'refs/heads/a' }, header: 'full' })
    const body = lsRefs(Array.from({ length: count }, () => 'ref-prefix refs/heads/a\n'))
    const [heard, direct] = await Promise.all([
      ground.workers[0]?.http.uploadPack(place.path, body),
      answerTo(place.directory, body),
    ])
    expect(heard?.body.toString()).toBe(direct.output.toString())
    const lines = heard?.body.toString().split('\n').slice(0, -1) ?? []
    expect(lines.map((line) => line.split(' ')[1])).toEqual(names)
  })
})

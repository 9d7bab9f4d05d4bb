import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { fillPool, type Pool } from './object-pool.ts'
import { theGround } from './one-ground.ts'
import { changeArbitrary, make, seenByAll } from './outside-writers.ts'
import { lsRefs } from './packets.ts'
import type { ProvingGround } from './proving-ground.ts'

describe('writers beside the server', () => {
  const runs = Number(process.env['WRITER_RUNS'] ?? 2)
  const quickChanges = Number(process.env['QUICK_CHANGES'] ?? 100)

  let ground: ProvingGround
  let place: Awaited<ReturnType<ProvingGround['project']>>
  let pool: Pool

  beforeAll(async () => {
    ground = await theGround()
    place = await ground.project('shop')
    pool = fillPool(place.directory)
  })

  test('what others write beside the server is seen at once, on every worker', async () => {
    const shop = { directory: place.directory, pool }
    await seenByAll(ground.workers, place)
    const property = fc.asyncProperty(fc.array(changeArbitrary, { minLength: 6, maxLength: 10 }), async (changes) => {
      for (const change of changes) {
        await make(shop, change)
        await seenByAll(ground.workers, place)
      }
    })
    await fc.assert(property, { numRuns: runs, endOnFailure: true })
  })

  const branch = 'refs/heads/quick'
  const question = lsRefs([`ref-prefix ${branch}\n`])

  /** As long as before, and often in the same tick of the clock; each is asked for before the next is made. */
  test(`${quickChanges} changes in quick succession, asked of one worker after the other`, async () => {
    for (const { http } of ground.workers) {
      for (let turn = 0; turn < quickChanges; turn += 1) {
        const id = pool.commits[turn % pool.commits.length] ?? ''
        writeFileSync(join(place.directory, branch), `${id}\n`)
        const { body } = await http.uploadPack(place.path, question)
        expect([turn, body.toString()]).toEqual([turn, `003e${id} ${branch}\n0000`])
      }
    }
  })

  test('a change that is made while the refs are read is seen by who asks afterwards', async () => {
    const path = join(place.directory, branch)
    for (let turn = 0; turn < quickChanges / 4; turn += 1) {
      const [first = '', second = ''] = [0, 1].map((at) => pool.commits[(turn + at) % pool.commits.length])
      writeFileSync(path, `${first}\n`)
      const early = ground.workers.map(({ http }) => http.uploadPack(place.path, question))
      await new Promise((resolve) => setTimeout(resolve, turn % 4))
      writeFileSync(path, `${second}\n`)
      await Promise.all(early)
      const late = await Promise.all(ground.workers.map(({ http }) => http.uploadPack(place.path, question)))
      for (const { body } of late) expect([turn, body.toString()]).toEqual([turn, `003e${second} ${branch}\n0000`])
    }
  })
})

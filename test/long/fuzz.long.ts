import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ground, openGround } from '../fuzz/ground.ts'
import { manyCases, nothingBroke } from '../fuzz/many-cases.ts'
import { holdingOf } from '../fuzz/watch.ts'

/** Both are told in the name of the test; with them a run says the same again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const count = Number(process.env['FUZZ_CASES'] ?? 100_000)
const parts = 10
const someDescriptors = 3
/** Between a fifth of the cases and all of them, in MiB of resident memory: caches are full by then. */
const mostGrowth = 100

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

test(`${count} changed conversations over both doors break nothing (FUZZ_SEED=${seed})`, async () => {
  const descriptors = (await holdingOf(ground.server.process.pid ?? 0)).descriptors.length + someDescriptors
  const sizes: number[] = []
  let from = 0
  for (let part = 1; part <= parts; part += 1) {
    const since = performance.now()
    const found = await manyCases(ground, { seed, from, count: Math.ceil(count / parts) }, descriptors)
    from = found.next
    sizes.push(Math.round(found.holding.resident))
    const seconds = Math.round((performance.now() - since) / 1_000)
    console.log(`${(count / parts) * part} cases, ${seconds} s, ${sizes.at(-1)} MiB, ${[...found.statuses].join(' ')}`)
    expect(found).toMatchObject(nothingBroke)
    expect(found.holding.children).toEqual([])
    expect(found.holding.descriptors.length).toBeLessThanOrEqual(descriptors)
  }
  expect((sizes.at(-1) ?? 0) - (sizes[1] ?? 0)).toBeLessThan(mostGrowth)
})

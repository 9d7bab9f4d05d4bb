import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ground, openGround } from './ground.ts'
import { manyCases, nothingBroke } from './many-cases.ts'
import { holdingOf } from './watch.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_250)
const count = Number(process.env['FUZZ_CASES'] ?? 5_000)
/** Files that are opened at their first use and stay, and one that is being synced. */
const someDescriptors = 3

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

test(`${count} changed conversations over both doors break nothing (FUZZ_SEED=${seed})`, { timeout: 300_000 }, async () => {
  const before = await holdingOf(ground.server.process.pid ?? 0)
  const found = await manyCases(ground, { seed, from: 0, count }, before.descriptors.length + someDescriptors)
  expect(found).toMatchObject(nothingBroke)
  expect(found.holding.children).toEqual([])
  expect(found.holding.descriptors.length).toBeLessThanOrEqual(before.descriptors.length + someDescriptors)
  // Else the changes would be too wild to get anywhere.
  expect(found.statuses.get(200)).toBeGreaterThan(count / 50)
})

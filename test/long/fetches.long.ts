import { expect, test } from 'vitest'
import { ProvingGround } from '../git/properties/proving-ground.ts'
import { fetchesAreGits } from '../git/properties/same-fetch.ts'

const runs = Number(process.env['FETCH_RUNS'] ?? 300)

test.each([
  ['with room to keep them', []],
  ['with room for a few', ['--cache', '64KiB']],
])(`fetches of ${runs} histories bring what git brings, %s`, async (_room, flags) => {
  const ground = await ProvingGround.open(2, flags)
  try {
    await fetchesAreGits(ground, await ground.project('history'), runs)
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  } finally {
    await ground[Symbol.asyncDispose]()
  }
})

import { expect, test } from 'vitest'
import { ProvingGround } from '../git/properties/proving-ground.ts'
import { fetchesAreGits } from '../git/properties/same-fetch.ts'

const runs = Number(process.env['FETCH_RUNS'] ?? 300)

test(`fetches of ${runs} histories bring what git brings`, async () => {
  const ground = await ProvingGround.open(2)
  try {
    await fetchesAreGits(ground, await ground.project('history'), runs)
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  } finally {
    await ground[Symbol.asyncDispose]()
  }
})

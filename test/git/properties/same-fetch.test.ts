import { expect, test } from 'vitest'
import { ProvingGround } from './proving-ground.ts'
import { fetchesAreGits } from './same-fetch.ts'

test('a fetch through the server brings what git brings', async () => {
  const ground = await ProvingGround.open(2)
  try {
    await fetchesAreGits(ground, await ground.project('history'), Number(process.env['FETCH_RUNS'] ?? 3))
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  } finally {
    await ground[Symbol.asyncDispose]()
  }
})

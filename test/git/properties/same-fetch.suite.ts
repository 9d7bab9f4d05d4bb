import { describe, expect, test } from 'vitest'
import { theGround } from './one-ground.ts'
import { fetchesAreGits } from './same-fetch.ts'

describe('any fetch', () => {
  test('a fetch through the server brings what git brings', async () => {
    const ground = await theGround()
    await fetchesAreGits(ground, await ground.project('history'), Number(process.env['FETCH_RUNS'] ?? 3))
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  })
})

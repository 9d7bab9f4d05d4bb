import { expect, test } from 'vitest'
import { advertisementsAreGits } from '../git/properties/advertisements.ts'
import { fillPool } from '../git/properties/object-pool.ts'
import { ProvingGround } from '../git/properties/proving-ground.ts'

const runs = Number(process.env['REF_RUNS'] ?? 2000)

test(`${runs} states of refs are shown as git shows them, whichever worker is asked`, async () => {
  const ground = await ProvingGround.open(2)
  try {
    const place = await ground.project('shown')
    await advertisementsAreGits(ground, place, fillPool(place.directory), runs)
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  } finally {
    await ground[Symbol.asyncDispose]()
  }
})

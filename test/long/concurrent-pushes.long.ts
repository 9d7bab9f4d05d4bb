import { expect, test } from 'vitest'
import { listsAreExplained } from '../git/properties/concurrent-pushes.ts'
import { ProvingGround } from '../git/properties/proving-ground.ts'

const crowds = Number(process.env['PUSH_CROWDS'] ?? 20)

test(`${crowds} crowds of pushers, and whoever looks on sees what was true`, async () => {
  const ground = await ProvingGround.open(2)
  try {
    for (let number = 0; number < crowds; number += 1) {
      await listsAreExplained(ground, await ground.project(`busy-${number}`), {
        pushers: 2 + (number % 5),
        refsOfEach: 4,
        rounds: 20,
      })
    }
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  } finally {
    await ground[Symbol.asyncDispose]()
  }
})

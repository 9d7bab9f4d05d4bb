import { expect, test } from 'vitest'
import { listsAreExplained } from './concurrent-pushes.ts'
import { ProvingGround } from './proving-ground.ts'

test('while several push, nobody sees refs that never were, nor any that were over', async () => {
  const ground = await ProvingGround.open(2)
  try {
    await listsAreExplained(ground, await ground.project('busy'), { pushers: 3, refsOfEach: 3, rounds: 5 })
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  } finally {
    await ground[Symbol.asyncDispose]()
  }
})

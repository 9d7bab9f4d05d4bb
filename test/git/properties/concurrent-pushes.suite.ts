import { describe, expect, test } from 'vitest'
import { listsAreExplained } from './concurrent-pushes.ts'
import { theGround } from './one-ground.ts'

describe('concurrent pushes', () => {
  test('while several push, nobody sees refs that never were, nor any that were over', async () => {
    const ground = await theGround()
    await listsAreExplained(ground, await ground.project('busy'), { pushers: 3, refsOfEach: 3, rounds: 4 })
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  })
})

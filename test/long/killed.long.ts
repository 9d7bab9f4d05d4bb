import { test } from 'vitest'
import { killRounds } from '../faults/killing/rounds.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 200)

test(
  `a server that is killed in the middle of its work keeps its word and cleans up, ${rounds} times`,
  () => killRounds(rounds),
  7_200_000,
)

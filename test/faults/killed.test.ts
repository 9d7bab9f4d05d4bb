import { test } from 'vitest'
import { killRounds } from './killing/rounds.ts'

test('a server killed in the middle of its work keeps its word and cleans up, five times', () => killRounds(5, 300), 300_000)

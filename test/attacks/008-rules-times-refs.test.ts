/**
 * The attack: whoever has a project of its own writes hundreds of wildcard rules and pushes tens of thousands of refs.
 * Each ref was held against each rule, and each force question was a process of git: one push stopped a worker, and
 * everyone on it, for as long as a minute.
 * What holds: rules are taken apart once; what cannot be looked up is counted, and refused when it is too much.
 */
import { expect, test } from 'vitest'
import type { RefUpdate } from '../../src/core/ref-update.ts'
import { branchRule, create, decisionOf, role, update, verdict } from '../access/case.ts'

const times = <Made>(count: number, make: (index: number) => Made): Made[] => Array.from({ length: count }, (_, at) => make(at))

const decideOn = (patterns: readonly string[], updates: readonly RefUpdate[]) => {
  const rules = patterns.map((pattern) => branchRule(pattern, [role('push', 40)]))
  const begun = performance.now()
  const decision = decisionOf({ is: '', role: 40, facts: { rules }, action: { kind: 'push', updates }, gives: '' })
  return { gives: verdict(decision), milliseconds: performance.now() - begun }
}

const many = (name: (index: number) => string) => times(60_000, (at) => create(`refs/heads/${name(at)}`))

/** What such a push may take on a machine that is busy with other tests; it took 5 to 60 seconds. */
const bound = 3000

test.each<[string, readonly string[], readonly RefUpdate[], string]>([
  ['other beginnings', times(600, (at) => `release/${at}/*`), many((at) => `release/${at % 700}/${at}`), 'receive-pack'],
  ['exact names', times(600, (at) => `release/${at}`), many((at) => `release/${at}`), 'receive-pack'],
  ['rules that all match', times(600, (at) => '*'.repeat((at % 200) + 1)), many((at) => `x${at}`), 'too_many_protected'],
  [
    'searches that begin everywhere and end nowhere',
    times(500, (at) => `${'*'.repeat(at + 1)}aaaaab*`),
    times(16_000, (at) => create(`refs/heads/x${'a'.repeat(900)}${at}`)),
    'too_many_protected',
  ],
])('%s', (_title, patterns, updates, gives) => {
  const decided = decideOn(patterns, updates)
  expect(decided.gives).toBe(gives)
  expect(decided.milliseconds).toBeLessThan(bound)
})

test('a thousand questions of force are asked, and no more', () => {
  const updates = times(1001, (at) => update(`refs/heads/release/${at}`))
  expect(decideOn(['release/*'], updates.slice(1)).gives).toMatch(/^receive-pack( \+ fast-forward){1000}$/)
  expect(decideOn(['release/*'], updates).gives).toBe('too_many_protected')
})

import { expect, test } from 'vitest'
import type { Inquiry } from '../../src/git/inquiry.ts'
import { argumentsFor, environmentFor, type Invocation } from '../../src/git/invocation.ts'

const invocation: Invocation = {
  mode: 'stateless',
  directory: '/repos/7.git',
  protocol: undefined,
  maxPush: 2 ** 30,
  hook: undefined,
}

/** What git is told by its environment, by key; the last value of each. */
const told = (environment: Record<string, string>): Map<string, string> => {
  const count = Number(environment['GIT_CONFIG_COUNT'])
  const pairs = Array.from({ length: count }, (_, at) => [
    environment[`GIT_CONFIG_KEY_${at}`] ?? '',
    environment[`GIT_CONFIG_VALUE_${at}`] ?? '',
  ])
  return new Map(pairs as [string, string][])
}

test.each([
  ['upload-pack', '50m'],
  ['receive-pack', '16m'],
  ['quarantine', '16m'],
] as const)('git streams what is large, in %s from %s on, instead of looking for deltas in memory', (admitted, size) => {
  expect(told(environmentFor(admitted, invocation, '/usr/bin')).get('core.bigFileThreshold')).toBe(size)
})

test.each<Inquiry>([
  { kind: 'stats', commits: [] },
  { kind: 'diff', from: undefined, to: 'abcd' },
])('and where lines are compared, what is large counts as no text: $kind', (inquiry) => {
  const asked = { ...invocation, inquiry }
  expect(told(environmentFor('inspect', asked, '/usr/bin')).get('core.bigFileThreshold')).toBe('4m')
})

test('a push is checked, synced and bounded whatever the repository’s own configuration says', () => {
  const settings = told(environmentFor('receive-pack', invocation, '/usr/bin'))
  expect(Object.fromEntries(settings)).toMatchObject({
    'safe.directory': '*',
    'core.hooksPath': '/dev/null',
    'core.fsync': 'all',
    'receive.fsckObjects': 'true',
    'receive.maxInputSize': String(2 ** 30),
    'receive.autogc': 'false',
    'gc.auto': '0',
  })
})

test('the repository stands behind the end of options', () => {
  expect(argumentsFor('receive-pack', invocation).slice(-2)).toEqual(['--', '/repos/7.git'])
})

test('an admission starts nothing in a mode that is not for it', () => {
  expect(() => argumentsFor('quarantine', { ...invocation, mode: 'advertise' })).toThrow('starts nothing in mode advertise')
})

test.each([
  ['upload-pack', undefined, undefined],
  ['receive-pack', undefined, 512],
  ['change-refs', undefined, 512],
  ['inspect', { kind: 'objects', ids: [] }, 96],
  ['inspect', { kind: 'tree', id: 'abcd', recursive: true }, 96],
  ['inspect', { kind: 'stats', commits: [] }, 96],
  ['inspect', { kind: 'diff', from: undefined, to: 'abcd' }, 96],
  ['inspect', { kind: 'blob', id: 'abcd' }, 512],
] as const)('the most that git holds at once, in %s for %j: %s MiB', (admitted, inquiry, mebibytes) => {
  const asked = inquiry === undefined ? invocation : { ...invocation, inquiry }
  const limit = environmentFor(admitted, asked, '/usr/bin')['GIT_ALLOC_LIMIT']
  expect(limit).toBe(mebibytes === undefined ? undefined : String(mebibytes * 2 ** 20))
})

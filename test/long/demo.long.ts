import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { Finding } from '../../demo/tour.ts'

const demo = join(import.meta.dirname, '../../demo/demo.ts')

const kinds = [
  'anonymous',
  'password',
  'personal-access-token',
  'impersonation-token',
  'project-access-token',
  'group-access-token',
  'deploy-token',
  'job-token',
  'user-key',
  'deploy-key',
]

test('the tour ends as expected, with every kind of credential let in and many reasons to refuse', {
  timeout: 120_000,
}, async () => {
  // As a person starts it: with nothing that a test run prepares.
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
  const child = spawn(process.execPath, [demo, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  const findings = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Finding)
  expect(findings.filter(({ ok }) => !ok)).toEqual([])
  expect(code).toBe(0)
  expect(findings.length).toBeGreaterThanOrEqual(40)
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual(['who', 'tries', 'expected', 'happened', 'rule', 'sentence', 'ok'])
  }
  const admitted = new Set(findings.map(({ happened }) => /^allowed: (.*)$/.exec(happened)?.[1]))
  expect([...admitted]).toEqual(expect.arrayContaining(kinds))
  const refused = new Set(findings.filter(({ happened }) => happened.startsWith('refused')).map(({ rule }) => rule))
  expect(refused.size).toBeGreaterThanOrEqual(20)
})

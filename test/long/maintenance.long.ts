import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../git/maintenance/repository.ts'
import { rootToken, startSallyport } from '../support/sallyport.ts'

test('a server looks after a repository that took a push, and tells of it', async () => {
  await using server = await startSallyport({ workers: 2 })
  const checkout = join(server.home, 'checkout')
  const url = server.http.replace('://', `://root:${rootToken}@`).concat('/root/tended.git')
  mkdirSync(checkout)
  git(checkout, 'init', '-q', '-b', 'main')
  for (let at = 0; at < 200; at += 1) writeFileSync(join(checkout, `file-${at}`), `${at}\n`)
  git(checkout, 'add', '.')
  git(checkout, 'commit', '-q', '-m', 'first')
  git(checkout, 'push', '-q', url, 'main')
  const line = await server.logged(({ msg }) => msg === 'a repository was looked after')
  expect(line).toMatchObject({ plan: 'whole', before: { packs: 1 }, after: { packs: 1 }, waiting: { packs: 0 } })
  expect(Object.keys(line['steps'] ?? {})).toContain('commit-graph')
  const figures = await (await fetch(`${server.http}/-/metrics`)).text()
  expect(figures).toContain('sallyport_maintenance_runs_total{plan="whole",outcome="done"} 1\n')
  expect(readdirSync(join(server.home, 'pushed'))).toEqual([])
  git(server.home, 'clone', '-q', '--bare', url, 'clone')
  expect(git(join(server.home, 'clone'), 'fsck', '--full')).toBe('')
  expect(await server.stop()).toBe(0)
}, 180_000)

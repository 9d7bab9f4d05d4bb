import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'

/** No decision, no process: what the API refuses of a repository, it refuses without git. */
let scene: Scene

beforeAll(async () => {
  scene = await Scene.open({ env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/spawn-spy.js')}` } })
  for (const name of ['main', 'safe/*']) {
    await scene.api.call('POST', `/projects/${scene.id('private')}/protected_branches`, { name })
  }
  await scene.api.make('POST', `/projects/${scene.id('private')}/protected_tags`, { name: 'v*' })
  for (const branch of ['safe/one', 'free']) {
    await scene.api.make('POST', `/projects/${scene.id('private')}/repository/branches`, { branch, ref: 'main' })
  }
  await scene.api.make('POST', `/projects/${scene.id('private')}/repository/tags`, { tag_name: 'v1', ref: 'main' })
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

const startedBy = async (work: () => Promise<unknown>): Promise<string[]> => {
  const before = scene.server.log.length
  await work()
  await scene.server.settled()
  const lines = scene.server.log.slice(before).filter((line) => line['spawned'] !== undefined)
  return lines.map((line) => (line['arguments'] as string[]).find((word) => !word.startsWith('-')) ?? '')
}

const call = (token: string | undefined, method: string, path: string, body?: unknown) =>
  scene.api.as(token).call(method, `/projects/${scene.id('private')}/repository${path}`, body)

const reads = [
  '/branches',
  '/branches/main',
  '/tags',
  '/tags/v1',
  '/commits',
  '/commits/main',
  '/commits/main/refs',
  '/commits/main/diff',
  '/compare?from=free&to=main',
  '/tree',
  '/files/a?ref=main',
  '/files/a/raw',
  '/blobs/abcd',
  '/blobs/abcd/raw',
  '/merge_base?refs[]=main&refs[]=free',
]

const writes = [
  ['POST', '/branches', { branch: 'x', ref: 'main' }],
  ['DELETE', '/branches/free', undefined],
  ['DELETE', '/merged_branches', undefined],
  ['POST', '/tags', { tag_name: 'x', ref: 'main', message: 'annotated' }],
  ['DELETE', '/tags/v1', undefined],
] as const

test('the spy sees what is admitted', async () => {
  expect(await startedBy(() => call(rootToken, 'GET', '/branches/main'))).toContain('cat-file')
  expect(await startedBy(() => call(rootToken, 'DELETE', '/branches/safe%2Fone'))).toEqual(['update-ref'])
})

test.each(['anonymous', 'stranger', 'external', 'guest'])('%s reads nothing, and no process is started', async (who) => {
  const token = who === 'anonymous' ? undefined : scene.who(who).token
  const started = await startedBy(async () => {
    for (const path of reads) expect([403, 404]).toContain((await call(token, 'GET', path)).status)
    for (const [method, path, body] of writes) expect([403, 404]).toContain((await call(token, method, path, body)).status)
  })
  expect(started).toEqual([])
})

test('who may read and not write starts nothing by writing', async () => {
  const started = await startedBy(async () => {
    for (const [method, path, body] of writes) {
      expect((await call(scene.who('reporter').token, method, path, body)).status).toBe(403)
    }
  })
  expect(started).toEqual([])
})

test('a change that a rule declines starts nothing that could change anything', async () => {
  const { token } = scene.who('developer')
  const started = await startedBy(async () => {
    expect((await call(token, 'DELETE', '/branches/main')).status).toBe(400)
    expect((await call(token, 'DELETE', '/tags/v1')).status).toBe(403)
  })
  expect(started).toEqual([])
  // To know whether it may be made, it is asked what would be made.
  const asked = await startedBy(async () => {
    expect((await call(token, 'POST', '/branches', { branch: 'safe/x', ref: 'main' })).status).toBe(400)
    expect((await call(token, 'POST', '/tags', { tag_name: 'v2', ref: 'main', message: 'x' })).status).toBe(400)
  })
  expect([...new Set(asked)]).toEqual(['cat-file'])
})

test('a token without the scope, or of another kind, starts nothing', async () => {
  const { token: reader } = await scene.token(scene.who('maintainer').id, ['read_api'])
  const { token: git } = await scene.token(scene.who('maintainer').id, ['write_repository'])
  const started = await startedBy(async () => {
    for (const [method, path, body] of writes) expect((await call(reader, method, path, body)).status).toBe(403)
    for (const path of reads) expect((await call(git, 'GET', path)).status).toBe(403)
    expect((await call('glpat-unknown', 'GET', '/branches')).status).toBe(401)
  })
  expect(started).toEqual([])
})

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Runner } from '../../demo/runner/runner.ts'
import { Pipelines, takeJob } from './pipelines.ts'
import { Scene } from './scene.ts'

let scene: Scene
let pipelines: Pipelines
let folder = ''

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  pipelines = new Pipelines(scene)
  await scene.project('many')
  await scene.project('quick')
  folder = await mkdtemp(join(tmpdir(), 'ledger-'))
}, 60_000)

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const names = Array.from({ length: 50 }, (_, number) => `job-${number}`)

test('50 jobs with 8 runners over 2 workers run once each', { timeout: 120_000 }, async () => {
  const ledger = join(folder, 'ledger')
  const configuration = [
    `variables: {GIT_STRATEGY: none, LEDGER: "${ledger}"}`,
    ...names.map((name) => `${name}:\n  script: [echo $CI_JOB_NAME >> $LEDGER]`),
  ].join('\n')
  const taken: number[] = []
  const token = await pipelines.runnerToken()
  const start = (own: string): Promise<Runner> => pipelines.runner({ token: own, taken: ({ id }) => taken.push(id) })
  // Some share a token, as several machines of one runner do.
  const others = await Promise.all([1, 2, 3, 4].map(() => pipelines.runnerToken()))
  const runners = await Promise.all([token, token, token, token, ...others].map(start))
  const { id } = await pipelines.begin('many', configuration)
  const { status } = await pipelines.ended('many', id)
  await Promise.all(runners.map((runner) => runner.stop()))
  expect(status).toBe('success')
  expect((await readFile(ledger, 'utf8')).trimEnd().split('\n').toSorted()).toEqual(names.toSorted())
  expect([taken.length, new Set(taken).size]).toEqual([50, 50])
})

test('a runner that waits hears of a job as it is born, on whichever worker', { timeout: 60_000 }, async () => {
  await pipelines.push('quick', 'job:\n  script: ["true"]\n  rules: [{if: $CI_PIPELINE_SOURCE == "api"}]\n')
  const coordinator = await pipelines.coordinator()
  // The first answer says only what the newest is.
  await coordinator.requestJob()
  const waits: number[] = []
  for (let round = 0; round < 8; round += 1) {
    const heard = takeJob(coordinator).then((payload) => ({ payload, at: performance.now() }))
    await scene.api.make('POST', `/projects/${scene.id('quick')}/pipeline`, { ref: 'main' })
    const born = performance.now()
    waits.push((await heard).at - born)
  }
  expect(Math.max(...waits)).toBeLessThan(500)
})

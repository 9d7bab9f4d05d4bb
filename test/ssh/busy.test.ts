import { afterEach, beforeEach, expect, test } from 'vitest'
import { busyEngine } from '../support/busy-engine.ts'
import { type ClientKey, Stage, user } from './stage.ts'

const anna = user(1, 'anna')
let stage: Stage
let key: ClientKey
beforeEach(async () => {
  stage = await Stage.open({ engine: busyEngine })
  key = stage.keyFor(anna)
  await stage.project('group/project', { roles: new Map([[anna.id, 30]]) })
})
afterEach(() => stage.close())

test.each([
  ['a fetch', (url: string) => ['ls-remote', url]],
  ['an archive', (url: string) => ['archive', `--remote=${url}`, 'main']],
  ['a push', (url: string) => ['push', url, 'main']],
])('where too many processes of git run, %s is told to come again', async (_what, words) => {
  const copy = stage.workingCopy('copy')
  const { code, stderr } = await stage.git(key, words(stage.url('group/project')), {}, copy)
  expect(code).not.toBe(0)
  expect(stderr).toContain('ERROR: The server is busy. Try again in a few seconds.')
  expect(await stage.lineWhere((line) => line['meta.refusal_reason'] === 'git_busy')).toMatchObject({ exit_code: 1 })
})

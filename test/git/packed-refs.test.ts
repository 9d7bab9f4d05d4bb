import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PipelineId, ProjectId } from '../../src/core/ids.ts'
import { removePackedRefs } from '../../src/git/packed-refs.ts'
import { pipelinesWithRef, removePipelineRefs, writePipelineRef } from '../../src/git/pipeline-refs.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { git } from './maintenance/repository.ts'

const id = 7 as ProjectId
let root: string
let repositories: Repositories
let directory: string
let commit: string

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'packed-refs-'))
  repositories = new Repositories(root)
  await repositories.create(id, 'main')
  directory = repositories.directoryOf(id)
  commit = git(directory, 'commit-tree', '-m', 'first', git(directory, 'hash-object', '-t', 'tree', '-w', '/dev/null'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('refs of pipelines are found and removed where git has packed them', async () => {
  git(directory, 'update-ref', 'refs/heads/main', commit)
  git(directory, '-c', 'user.name=A', '-c', 'user.email=a@b', 'tag', '-a', '-m', 'x', 'v1', commit)
  for (const pipeline of [1, 2, 12]) await writePipelineRef(repositories, id, pipeline as PipelineId, commit)
  git(directory, 'pack-refs', '--all')
  await writePipelineRef(repositories, id, 2 as PipelineId, commit)
  await writePipelineRef(repositories, id, 3 as PipelineId, commit)
  expect((await pipelinesWithRef(repositories, id)).sort()).toEqual([1, 12, 2, 3])
  await removePipelineRefs(repositories, id, [1, 2, 4] as PipelineId[])
  expect(git(directory, 'for-each-ref', '--format=%(refname)').split('\n')).toEqual([
    'refs/heads/main',
    'refs/pipelines/12',
    'refs/pipelines/3',
    'refs/tags/v1',
  ])
  expect(git(directory, 'show-ref', '--dereference', 'v1').split('\n')).toHaveLength(2)
  expect(existsSync(join(directory, 'packed-refs.lock'))).toBe(false)
})

test('a peeled id goes with its tag', async () => {
  git(directory, '-c', 'user.name=A', '-c', 'user.email=a@b', 'tag', '-a', '-m', 'x', 'v1', commit)
  git(directory, 'update-ref', 'refs/tags/v2', commit)
  git(directory, 'pack-refs', '--all')
  await removePackedRefs(directory, new Set(['refs/tags/v1']))
  expect(git(directory, 'show-ref', '--dereference')).toBe(`${commit} refs/tags/v2`)
})

test('whoever has the file locked is waited for, and in the end not overruled', async () => {
  git(directory, 'update-ref', 'refs/pipelines/1', commit)
  git(directory, 'pack-refs', '--all')
  writeFileSync(join(directory, 'packed-refs.lock'), '')
  await expect(removePipelineRefs(repositories, id, [1] as PipelineId[])).rejects.toThrow('EEXIST')
  expect(git(directory, 'show-ref')).toBe(`${commit} refs/pipelines/1`)
  const removed = removePipelineRefs(repositories, id, [1] as PipelineId[])
  rmSync(join(directory, 'packed-refs.lock'))
  await removed
  expect(await pipelinesWithRef(repositories, id)).toEqual([])
})

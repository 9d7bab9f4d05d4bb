import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { sweepLeftovers, sweepQuarantines } from '../../src/git/leftovers.ts'
import { Repositories } from '../../src/git/repositories.ts'

const id = 300 as ProjectId
let root: string
let repository: string

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leftovers-'))
  const repositories = new Repositories(root)
  await repositories.create(id, 'main')
  repository = repositories.directoryOf(id)
})
afterEach(() => rmSync(root, { recursive: true }))

const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1_000)

/** A folder with one file in it, and all of it old, or only the folders. */
const leave = (folder: string, age: 'old' | 'with a young file'): void => {
  const file = join(folder, 'pack/tmp_pack_x')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'x')
  const aged = age === 'old' ? [file, dirname(file), folder] : [dirname(file), folder]
  for (const path of aged) utimesSync(path, twoDaysAgo, twoDaysAgo)
}

const quarantines = () => readdirSync(join(repository, 'objects')).filter((name) => name.startsWith('tmp_'))

test('quarantines in which nothing has moved for long are removed, and no other', async () => {
  leave(join(repository, 'objects/tmp_objdir-incoming-dead'), 'old')
  leave(join(repository, 'objects/tmp_objdir-incoming-slow'), 'with a young file')
  await sweepQuarantines(repository)
  expect(quarantines()).toEqual(['tmp_objdir-incoming-slow'])
  expect(readdirSync(join(repository, 'objects')).sort()).toEqual(['info', 'pack', 'tmp_objdir-incoming-slow'])
})

test('at a start all that is left over is removed', async () => {
  const temporary = join(tmpdir(), 'sallyport-push-dead')
  leave(join(repository, 'objects/tmp_objdir-incoming-dead'), 'old')
  leave(join(root, 'aside/new-dead'), 'old')
  leave(join(root, 'aside/new-young'), 'with a young file')
  leave(join(root, 'aside/stray-7-x'), 'old')
  leave(temporary, 'old')
  await sweepLeftovers(root)
  expect(quarantines()).toEqual([])
  expect(readdirSync(join(root, 'aside')).sort()).toEqual(['new-young', 'stray-7-x'])
  expect(readdirSync(tmpdir())).not.toContain('sallyport-push-dead')
})

test('a home without anything in it is no fault', async () => {
  await sweepLeftovers(join(root, 'absent'))
  await sweepQuarantines(join(root, 'absent'))
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import type { ProtectionPreset } from '../../src/core/project.ts'
import { settleFirstPush } from '../../src/store/first-push.ts'
import { namespaceOfUser } from '../../src/store/namespaces.ts'
import { createProject, projectById } from '../../src/store/projects.ts'
import { addProtectedRef, protectedRefs } from '../../src/store/protected-refs.ts'
import { writeApplicationSettings } from '../../src/store/settings.ts'
import { now, recordedShelf, type TemporaryStore, temporaryStore } from './temporary-store.ts'

let place: TemporaryStore
let id: ProjectId
beforeEach(async () => {
  place = await temporaryStore()
  const ann = await place.user('ann')
  const own = await namespaceOfUser(place.store.read, ann.id)
  if (own === undefined) throw new Error('no namespace')
  const plan = {
    namespaceId: own.id,
    creator: ann.id,
    name: 'tool',
    path: 'tool',
    description: '',
    visibility: 'private',
    repository_access_level: 'enabled',
    initial_branch: 'main',
  } as const
  const made = await createProject(place.store, plan, recordedShelf(), now)
  if (typeof made === 'string') throw new Error(made)
  id = made.id
})
afterEach(() => place.close())

const repository = (head: string | undefined, ...refs: string[]) => {
  const set: string[] = []
  return {
    set,
    refs: async () => new Map(refs.map((ref) => [ref, '1'.repeat(40)])),
    head: async () => head,
    setHead: async (_id: ProjectId, branch: string) => void set.push(branch),
  }
}

const settle = (disk: ReturnType<typeof repository>) => settleFirstPush(place.store, disk, id, () => now)
const defaultBranch = async () => (await projectById(place.store.read, id))?.default_branch
const rules = () => protectedRefs(place.store.read, id, 'branch')

const choices: readonly [string, string | undefined, readonly string[], string | null, readonly string[]][] = [
  ['what HEAD names', 'main', ['refs/heads/main', 'refs/heads/a'], 'main', []],
  ['what HEAD names, by any name', 'trunk', ['refs/heads/a', 'refs/heads/trunk'], 'trunk', []],
  [
    'main, where HEAD names nothing that is there',
    'trunk',
    ['refs/heads/a', 'refs/heads/main', 'refs/heads/master'],
    'main',
    ['main'],
  ],
  ['master before others', 'main', ['refs/heads/a', 'refs/heads/master'], 'master', ['master']],
  ['the first by name', 'main', ['refs/heads/b', 'refs/heads/a/x'], 'a/x', ['a/x']],
  ['where HEAD is detached', undefined, ['refs/heads/b'], 'b', ['b']],
  ['one that HEAD can name', 'main', ['refs/heads/a..b', 'refs/heads/z'], 'z', ['z']],
  ['any that git takes', 'main', ['refs/heads/a\u00a0b'], 'a\u00a0b', ['a\u00a0b']],
  ['none, where no name is good', 'main', ['refs/heads/a b'], null, []],
  ['none, where only a tag came', 'main', ['refs/tags/main'], null, []],
  ['none, where nothing came', 'main', [], null, []],
]
test.each(choices)('the default branch is %s', async (_title, head, refs, branch, set) => {
  const disk = repository(head, ...refs)
  await settle(disk)
  expect(await defaultBranch()).toBe(branch)
  expect(disk.set).toEqual(set)
  expect((await rules()).map((rule) => rule.name)).toEqual(branch === null ? [] : [branch])
})

describe('the default branch is protected', () => {
  const presets: readonly [ProtectionPreset, readonly [string, number][] | undefined][] = [
    [0, undefined],
    [
      1,
      [
        ['push', 30],
        ['merge', 40],
      ],
    ],
    [
      2,
      [
        ['push', 40],
        ['merge', 40],
      ],
    ],
    [
      3,
      [
        ['push', 40],
        ['merge', 30],
      ],
    ],
    [
      4,
      [
        ['push', 40],
        ['merge', 40],
      ],
    ],
  ]
  test.each(presets)('as preset %i says', async (preset, levels) => {
    await place.store.write
      .transaction()
      .execute((transaction) => writeApplicationSettings(transaction, { default_branch_protection: preset }))
    await settle(repository('main', 'refs/heads/main'))
    const made = (await rules()).map((rule) => [rule.allow_force_push, rule.levels.map((row) => [row.action, row.access_level])])
    expect(made).toEqual(levels === undefined ? [] : [[false, levels]])
  })

  test('once, however often it is settled', async () => {
    const disk = repository('main', 'refs/heads/main')
    await Promise.all([settle(disk), settle(disk), settle(disk)])
    expect(await rules()).toHaveLength(1)
    await settle(repository('other', 'refs/heads/other'))
    expect(await defaultBranch()).toBe('main')
  })

  test('but a rule that is there already stays as it is', async () => {
    const rule = { project: id, kind: 'branch', name: 'main', allowForcePush: true, levels: [] } as const
    await place.store.write.transaction().execute((transaction) => addProtectedRef(transaction, rule, now))
    await settle(repository('main', 'refs/heads/main'))
    expect(await rules()).toMatchObject([{ name: 'main', allow_force_push: true, levels: [] }])
  })

  test('and nothing is kept where HEAD cannot be set', async () => {
    const disk = {
      ...repository('main', 'refs/heads/a'),
      setHead: async () => {
        throw new Error('read-only disk')
      },
    }
    await expect(settle(disk)).rejects.toThrow('read-only disk')
    expect(await defaultBranch()).toBeNull()
    expect(await rules()).toEqual([])
  })
})

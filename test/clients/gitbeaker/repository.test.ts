import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage, refusal, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

test('branches are listed, shown, made and deleted', async () => {
  const { root, project, commits } = stage
  expect((await root.Branches.all(project)).map(({ name }) => name).sort()).toEqual(['main', 'side'])
  expect((await root.Branches.all(project, { search: 'ma' })).map(({ name }) => name)).toEqual(['main'])
  expect(await root.Branches.show(project, 'main')).toMatchObject({
    protected: true,
    default: true,
    commit: { id: commits.at(-1) },
  })
  const made = await root.Branches.create(project, 'work/new', 'main')
  expect(made).toMatchObject({ name: 'work/new', protected: false, commit: { id: commits.at(-1) } })
  await root.Branches.remove(project, 'work/new')
  expect(await refusal(root.Branches.show(project, 'work/new'))).toEqual({ status: 404, words: '404 Branch Not Found' })
  expect((await refusal(root.Branches.create(project, 'other', 'nothing'))).status).toBe(400)
})

test('a protected branch is deleted over the API alone', async () => {
  const { root, project } = stage
  await root.ProtectedBranches.protect(project, 'kept')
  await root.Branches.create(project, 'kept', 'main')
  expect((await root.Branches.show(project, 'kept')).protected).toBe(true)
  await root.Branches.remove(project, 'kept')
  expect((await refusal(root.Branches.show(project, 'kept'))).status).toBe(404)
})

test('tags are made, with a message and without, listed and deleted', async () => {
  const { root, project, commits } = stage
  expect(await root.Tags.create(project, 'v1', 'main')).toMatchObject({ name: 'v1', target: commits.at(-1) })
  expect(await root.Tags.create(project, 'v2', 'side', { message: 'second' })).toMatchObject({ message: 'second' })
  expect((await root.Tags.all(project, { orderBy: 'name', sort: 'asc' })).map(({ name }) => name)).toEqual(['v1', 'v2'])
  expect((await root.Tags.show(project, 'v1')).commit.id).toBe(commits.at(-1))
  for (const name of ['v1', 'v2']) await root.Tags.remove(project, name)
  expect(await root.Tags.all(project)).toEqual([])
})

describe('what is committed', () => {
  test('commits', async () => {
    const { root, project, commits } = stage
    expect((await root.Commits.all(project, { refName: 'main' })).map(({ id }) => id)).toEqual(commits.toReversed())
    expect(await root.Commits.show(project, commits.at(-1) ?? '')).toMatchObject({ title: 'words', author_name: 'Ada' })
    expect((await refusal(root.Commits.show(project, 'f'.repeat(40)))).status).toBe(404)
  })

  test('trees', async () => {
    const { root, project } = stage
    expect(await root.Repositories.allRepositoryTrees(project, { recursive: true })).toMatchObject([
      { type: 'tree', path: 'docs' },
      { type: 'blob', path: 'docs/read me.md', mode: '100644' },
    ])
  })

  test('files', async () => {
    const { root, project, commits } = stage
    expect(await root.RepositoryFiles.showRaw(project, 'docs/read me.md', 'main')).toBe('# Hello\n')
    const file = await root.RepositoryFiles.show(project, 'docs/read me.md', 'main')
    expect([Buffer.from(file.content, 'base64').toString(), file.last_commit_id]).toEqual(['# Hello\n', commits.at(-1)])
    expect((await refusal(root.RepositoryFiles.showRaw(project, 'none.md', 'main'))).status).toBe(404)
  })

  test('what changed', async () => {
    const { root, project, commits } = stage
    expect(await root.Commits.showDiff(project, commits.at(-1) ?? '')).toMatchObject([{ new_path: 'docs/read me.md' }])
    const compared = await root.Repositories.compare(project, commits[0] ?? '', 'main')
    expect(compared.commits?.map(({ id }) => id)).toEqual(commits.slice(1))
  })

  test('the common ancestor', async () => {
    const { root, project, commits } = stage
    expect((await root.Repositories.mergeBase(project, ['main', 'side'])).id).toBe(commits[0])
  })
})

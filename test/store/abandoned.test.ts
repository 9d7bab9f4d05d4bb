import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectId, UserId } from '../../src/core/ids.ts'
import { settleAbandoned } from '../../src/store/abandoned.ts'
import { createProject, deleteProject } from '../../src/store/projects.ts'
import { makeGroup, now, recordedShelf, type TemporaryStore, temporaryStore } from './temporary-store.ts'

let home: TemporaryStore
let creator: UserId
beforeEach(async () => {
  home = await temporaryStore()
  creator = (await home.user('ada')).id
})
afterEach(() => home.close())

const shelf = (placed: readonly number[]) => {
  const done: string[] = []
  return {
    done,
    all: async () => placed as readonly ProjectId[],
    remove: async (id: ProjectId) => void done.push(`removed ${id}`),
    setAside: async (id: ProjectId) => void done.push(`aside ${id}`),
  }
}

const makeProjects = async (...paths: string[]): Promise<ProjectId[]> => {
  const { id: namespaceId } = await makeGroup(home.store, creator, 'tools')
  const made: ProjectId[] = []
  for (const path of paths) {
    const wish = { namespaceId, creator, name: path, path, description: '', visibility: 'private' } as const
    const rest = { repository_access_level: 'enabled', initial_branch: 'main' } as const
    const project = await createProject(home.store, { ...wish, ...rest }, recordedShelf(), now)
    if (typeof project === 'string') throw new Error(project)
    made.push(project.id)
  }
  return made
}

test('a repository whose project is gone was being removed; the next number became no project; others are not ours', async () => {
  expect(await makeProjects('kept', 'gone')).toEqual([1, 2])
  await deleteProject(home.store, 2 as ProjectId, recordedShelf())
  const repositories = shelf([1, 2, 3, 4, 900])
  await settleAbandoned(home.store, repositories)
  expect(repositories.done).toEqual(['aside 3', 'removed 2'])
})

test('where each has its project nothing is done, and nobody is kept from writing', async () => {
  await makeProjects('kept')
  const repositories = shelf([1])
  await home.store.write.transaction().execute(() => settleAbandoned(home.store, repositories))
  expect(repositories.done).toEqual([])
})

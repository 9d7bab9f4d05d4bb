import type { NamespaceId, UserId } from '../../src/core/ids.ts'
import { createProject } from '../../src/store/projects.ts'
import { openStore } from '../../src/store/sqlite.ts'

/** One of several processes that make a project on the same path; says whether it was the one. */
const [file = '', namespace, creator] = process.argv.slice(2)
const store = openStore(file)
const shelf = {
  prepare: async () => ({
    place: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
    discard: async () => {},
  }),
  remove: async () => {},
}
const plan = {
  namespaceId: Number(namespace) as NamespaceId,
  creator: Number(creator) as UserId,
  name: 'tool',
  path: 'tool',
  description: '',
  visibility: 'private',
  repository_access_level: 'enabled',
  initial_branch: 'main',
} as const
const made = await createProject(store, plan, shelf, Date.now())
console.log(typeof made === 'string' ? made : 'made')
await store.close()

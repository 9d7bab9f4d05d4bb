import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/principal.ts'
import { createGroup, insertUserNamespace, type Namespace } from '../../src/store/namespaces.ts'
import type { RepositoryShelf } from '../../src/store/projects.ts'
import { migrate, openStore, type Store } from '../../src/store/sqlite.ts'

export const now = Date.parse('2026-03-10T12:00:00.000Z')

export interface TemporaryStore {
  readonly store: Store
  readonly file: string
  /** Makes a user with its namespace. */
  user(username: string): Promise<User>
  close(): Promise<void>
}

const insertUser = (store: Store, username: string): Promise<UserId> =>
  store.write.transaction().execute(async (transaction) => {
    const time = new Date(now).toISOString()
    const { id } = await transaction
      .insertInto('users')
      .values({
        username,
        username_key: username.toLowerCase(),
        name: username,
        email: `${username}@example.org`,
        email_key: `${username.toLowerCase()}@example.org`,
        state: 'active',
        kind: 'human',
        is_admin: 0,
        is_external: 0,
        confirmed_at: time,
        can_create_group: 1,
        projects_limit: 100_000,
        note: null,
        password_hash: null,
        password_expires_at: null,
        bot_project_id: null,
        bot_group_id: null,
        created_by: null,
        created_at: time,
        updated_at: time,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const place = await insertUserNamespace(transaction, { id, username, name: username }, now)
    if (place === 'taken') throw new Error(`${username} is taken`)
    return id
  })

const asUser = (id: UserId, username: string): User => ({
  id,
  username,
  state: 'active',
  kind: 'human',
  isAdmin: false,
  isExternal: false,
  isConfirmed: true,
  passwordExpired: false,
})

export const temporaryStore = async (): Promise<TemporaryStore> => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-store-'))
  const file = join(home, 'sallyport.db')
  const store = openStore(file)
  await migrate(store)
  return {
    store,
    file,
    user: async (username) => asUser(await insertUser(store, username), username),
    async close() {
      await store.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Makes a private group, its creator the Owner. */
export const makeGroup = async (store: Store, creator: UserId, path: string, parentId?: NamespaceId): Promise<Namespace> => {
  const made = await createGroup(
    store,
    {
      name: path,
      path,
      description: '',
      visibility: 'private',
      project_creation_level: 'developer',
      subgroup_creation_level: 'maintainer',
      default_branch_protection: null,
      parentId,
      creator,
    },
    now,
  )
  if (typeof made === 'string') throw new Error(made)
  return made
}

/** Repositories that only remember what was asked of them. */
export const recordedShelf = (fault?: Error): RepositoryShelf & { readonly made: ProjectId[]; readonly removed: ProjectId[] } => {
  const [made, removed]: [ProjectId[], ProjectId[]] = [[], []]
  return {
    made,
    removed,
    async prepare() {
      return {
        async place(id) {
          made.push(id)
          if (fault) throw fault
        },
        async discard() {},
      }
    },
    async remove(id) {
      removed.push(id)
    },
  }
}

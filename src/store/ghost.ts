import type { UserId } from '../core/ids.ts'
import { instantOf } from './instant.ts'
import type { Writer } from './routes.ts'

/** `ghost`, or with a number where somebody is called that. */
const freeName = async (transaction: Writer): Promise<string> => {
  const taken = await transaction.selectFrom('users').select('username_key').where('username_key', 'like', 'ghost%').execute()
  const names = new Set(taken.map((row) => row.username_key))
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? 'ghost' : `ghost${number}`
    if (!names.has(name)) return name
  }
}

const makeGhost = async (transaction: Writer, now: number): Promise<{ id: UserId }> => {
  const username = await freeName(transaction)
  const email = `${username}@noreply.invalid`
  const at = instantOf(now)
  return transaction
    .insertInto('users')
    .values({
      username,
      username_key: username,
      name: 'Ghost User',
      email,
      email_key: email,
      state: 'active',
      kind: 'ghost',
      is_admin: 0,
      is_external: 0,
      confirmed_at: at,
      can_create_group: 0,
      projects_limit: 0,
      created_at: at,
      updated_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
}

/**
 * What a user or bot made stays and becomes the Ghost User's, who is made when first needed (GitLab docs, "Delete a user
 * account": associated records). The ghost has no credential, and the rules let it do nothing.
 */
export const giveToGhost = async (transaction: Writer, from: UserId, now: number): Promise<void> => {
  const made = await transaction.selectFrom('projects').select('id').where('creator_id', '=', from).executeTakeFirst()
  if (made === undefined) return
  const found = await transaction.selectFrom('users').select('id').where('kind', '=', 'ghost').executeTakeFirst()
  const ghost = found ?? (await makeGhost(transaction, now))
  await transaction.updateTable('projects').set({ creator_id: ghost.id }).where('creator_id', '=', from).execute()
}

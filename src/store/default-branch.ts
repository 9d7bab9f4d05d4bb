import { protectsNothing } from '../access/rules/preset.ts'
import type { NamespaceId, ProjectId } from '../core/ids.ts'
import { defaultProtectionOf } from './default-protection.ts'
import { addProtectedRef } from './protected-refs.ts'
import type { Writer } from './routes.ts'

/** Gives a project its default branch, now that there is one, and the protection that the namespace asks for. */
export const adoptDefaultBranch = async (
  transaction: Writer,
  { id, namespace_id }: { readonly id: ProjectId; readonly namespace_id: NamespaceId },
  branch: string,
  now: number,
): Promise<void> => {
  await transaction.updateTable('projects').set({ default_branch: branch }).where('id', '=', id).execute()
  const protection = await defaultProtectionOf(transaction, namespace_id)
  if (protectsNothing(protection)) return
  const levels = [
    { action: 'push', access_level: protection.push },
    { action: 'merge', access_level: protection.merge },
  ] as const
  const rule = { project: id, kind: 'branch', name: branch, allowForcePush: protection.force, levels } as const
  await addProtectedRef(transaction, rule, now)
}

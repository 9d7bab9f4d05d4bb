import type { RefRule } from '../../../core/project.ts'
import type { Project } from '../../../store/projects.ts'
import { type ProtectedRef, protectedRef } from '../../../store/protected-refs.ts'
import type { Call } from '../call.ts'
import { plainNotFound } from '../errors.ts'

/** The protected branch or tag that the call's path names, or another of the project by its name; 404 where there is none. */
export const findProtectedRef = async (
  call: Call,
  project: Project,
  kind: RefRule['kind'],
  name = call.word('name'),
): Promise<ProtectedRef> => {
  const rule = await protectedRef(call.parts.store.read, project.id, kind, name)
  if (rule === undefined) throw plainNotFound('404 Not found')
  return rule
}

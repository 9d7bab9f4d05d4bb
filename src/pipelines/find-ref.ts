import type { ProjectId } from '../core/ids.ts'
import type { VariableParts } from './parts.ts'
import type { Ref } from './permission.ts'

/**
 * A branch or tag by its short or full name, with the object that it is now; undefined where there is none.
 * @param tag which of the two is meant; without it a branch goes first
 */
export const findRef = async (
  { repositories }: Pick<VariableParts, 'repositories'>,
  project: ProjectId,
  name: string,
  tag?: boolean,
): Promise<{ readonly ref: Ref; readonly id: string } | undefined> => {
  const refs = await repositories.refs(project)
  const short = name.replace(/^refs\/(?:heads|tags)\//, '')
  for (const isTag of [false, true]) {
    const prefix = isTag ? 'refs/tags/' : 'refs/heads/'
    const isMeant = (tag === undefined || tag === isTag) && (name === short || name.startsWith(prefix))
    const id = isMeant ? refs.get(`${prefix}${short}`) : undefined
    if (id !== undefined) return { ref: { name: short, tag: isTag }, id }
  }
  return undefined
}

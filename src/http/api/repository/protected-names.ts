import { branchStandings, tagProtections } from '../../../access/branch-standing.ts'
import { readRules } from '../../../store/rules.ts'
import type { Code } from './code.ts'

/** Whether rules of the project protect a branch, or a tag, of each name. */
export const protectedNames = async ({ call, project }: Code, kind: 'branch' | 'tag'): Promise<(name: string) => boolean> => {
  const rules = await readRules(call.parts.store.read, project.id, call.now)
  if (kind === 'tag') return tagProtections(rules)
  const standingOf = branchStandings(rules, undefined)
  return (name) => standingOf(name).protected
}

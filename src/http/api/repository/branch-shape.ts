import { z } from 'zod'
import { type BranchStanding, branchStandings } from '../../../access/branch-standing.ts'
import { fullAbilities } from '../../../core/scope.ts'
import { readRules } from '../../../store/rules.ts'
import { asPrincipal } from '../caller-principal.ts'
import { link, words, yesNo } from '../entity-words.ts'
import { webUrl } from '../urls.ts'
import type { Code } from './code.ts'
import { commitEntity, readCommits, shapeCommit } from './commit-shape.ts'
import { askForNames } from './ref-page.ts'
import { resolveDefault } from './revision.ts'

/** gitlab `API::Entities::Branch`. */
export const branchEntity = z
  .object({
    name: words,
    commit: commitEntity.nullable(),
    merged: yesNo,
    protected: yesNo,
    developers_can_push: yesNo,
    developers_can_merge: yesNo,
    can_push: yesNo,
    default: yesNo,
    web_url: link,
  })
  .meta({ id: 'Branch' })

/** Whether the caller's token may push is not asked, only whether the caller may. */
const standingsFor = async ({ call, project, standing }: Code): Promise<(name: string) => BranchStanding> => {
  const { gate } = call.parts.code
  const { user, role } = standing
  const refusal = await gate.refusalToPush({ ...asPrincipal(call.caller), abilities: fullAbilities }, project)
  const pushes = user !== undefined && refusal === undefined
  const rules = await readRules(call.parts.store.read, project.id, call.now)
  return branchStandings(rules, pushes ? { user, role, pushes, origin: 'api' } : undefined)
}

/** How many branches git is asked about by name: beyond that, all of them. */
const mostNamed = 200

/** Those of the branches that the default branch contains; one that is where the default branch is does not count. */
export const mergedAmong = async (code: Code, names: readonly string[]): Promise<ReadonlySet<string>> => {
  const head = await resolveDefault(code)
  const branches = await code.branches()
  const others = names.filter((name) => branches.get(name) !== head)
  if (head === undefined || others.length === 0) return new Set()
  const patterns = others.length > mostNamed ? ['refs/heads'] : others.map((name) => `refs/heads/${name}`)
  const wanted = new Set(others)
  const merged = await askForNames(code, 'refs/heads/', { patterns, merged: head })
  return new Set(merged.filter((name) => wanted.has(name)))
}

export const shapeBranches = async (code: Code, names: readonly string[]): Promise<z.output<typeof branchEntity>[]> => {
  const branches = await code.branches()
  const ids = names.map((name) => branches.get(name) ?? '')
  const [commits, merged, standingOf] = [await readCommits(code, ids), await mergedAmong(code, names), await standingsFor(code)]
  const { call, project } = code
  return names.map((name, at) => {
    const commit = commits[at]
    return {
      name,
      commit: commit === undefined ? null : shapeCommit(code, commit),
      merged: merged.has(name),
      ...standingOf(name),
      default: name === project.default_branch,
      web_url: webUrl(call.parts.settings, `${project.full_path}/-/tree/${name.split('/').map(encodeURIComponent).join('/')}`),
    }
  })
}

export const shapeBranch = async (code: Code, name: string): Promise<z.output<typeof branchEntity>> => {
  const [shape] = await shapeBranches(code, [name])
  if (shape === undefined) throw new Error('a branch was shaped into nothing')
  return shape
}

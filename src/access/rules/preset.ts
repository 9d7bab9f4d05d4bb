import type { ProtectionLevel } from '../../core/access-level.ts'
import type { ProtectionPreset, RefRule } from '../../core/project.ts'

/** Who may push to the default branch and merge into it, by preset; preset 0 protects nothing. */
export const presetLevels: Record<
  ProtectionPreset,
  { readonly push: ProtectionLevel; readonly merge: ProtectionLevel } | undefined
> = {
  0: undefined,
  1: { push: 30, merge: 40 },
  2: { push: 40, merge: 40 },
  3: { push: 40, merge: 30 },
  4: { push: 40, merge: 40 },
}

/**
 * The preset as a rule for every branch. It stands for as long as no default branch is noted, since any branch may
 * turn out to be the default one: the server may have been stopped after a first push landed and before that was noted.
 */
export const presetRule = (preset: ProtectionPreset): RefRule | undefined => {
  const levels = presetLevels[preset]
  if (levels === undefined) return undefined
  const rows = [
    { kind: 'role', action: 'push', level: levels.push },
    { kind: 'role', action: 'merge', level: levels.merge },
  ] as const
  return { kind: 'branch', pattern: '*', allowForcePush: false, levels: rows }
}

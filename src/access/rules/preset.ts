import type { DefaultProtection, ProtectionPreset, RefRule } from '../../core/project.ts'

const usual = { push: 40, merge: 40, force: false, developersFirst: false } as const

/** GitLab's presets in their longer form (gitlab `lib/gitlab/access/default_branch_protection.rb`). */
export const presetProtections: Readonly<Record<ProtectionPreset, DefaultProtection>> = {
  0: { ...usual, push: 30, merge: 30, force: true },
  1: { ...usual, push: 30 },
  2: usual,
  3: { ...usual, merge: 30 },
  4: { ...usual, developersFirst: true },
}

/** Where Developers may do everything, no rule is made. */
export const protectsNothing = ({ push, merge, force }: DefaultProtection): boolean => force && push === 30 && merge === 30

/** The preset that says nearly the same: GitLab shows one beside the longer form. */
export const presetLike = (protection: DefaultProtection): ProtectionPreset => {
  if (protectsNothing(protection)) return 0
  if (protection.push === 30) return 1
  if (protection.merge === 30) return 3
  return protection.developersFirst ? 4 : 2
}

/**
 * The protection as a rule for every branch. It stands for as long as no default branch is noted, since any branch may
 * turn out to be the default one: the server may have been stopped after a first push landed and before that was noted.
 */
export const presetRule = (protection: DefaultProtection): RefRule | undefined => {
  if (protectsNothing(protection)) return undefined
  const rows = [
    { kind: 'role', action: 'push', level: protection.push },
    { kind: 'role', action: 'merge', level: protection.merge },
  ] as const
  return { kind: 'branch', pattern: '*', allowForcePush: protection.force, levels: rows }
}

/** GitLab's roles (`access_level`) by number; 60 occurs only in protection rules, where it means "administrators". */
export const accessLevels = {
  noAccess: 0,
  minimal: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
  admin: 60,
} as const

export type AccessLevel = (typeof accessLevels)[keyof typeof accessLevels]

/** Levels that a member can hold. */
export const memberLevels = [5, 10, 15, 20, 30, 40, 50] as const satisfies readonly AccessLevel[]

/** Levels that a protection rule can name: "No one", Developers, Maintainers, Administrators. */
export const protectionLevels = [0, 30, 40, 60] as const satisfies readonly AccessLevel[]

export type MemberLevel = (typeof memberLevels)[number]
export type ProtectionLevel = (typeof protectionLevels)[number]

export const isMemberLevel = (level: number): level is MemberLevel => (memberLevels as readonly number[]).includes(level)

export const isProtectionLevel = (level: number): level is ProtectionLevel =>
  (protectionLevels as readonly number[]).includes(level)

/** GitLab's names of the roles. */
export const memberLevelNames: Record<MemberLevel, string> = {
  5: 'Minimal Access',
  10: 'Guest',
  15: 'Planner',
  20: 'Reporter',
  30: 'Developer',
  40: 'Maintainer',
  50: 'Owner',
}

/** What GitLab's `access_level_description` says of a protection level. */
export const protectionLevelNames: Record<ProtectionLevel, string> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
  60: 'Administrators',
}

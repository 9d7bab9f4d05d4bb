import { mayHandleLevel, mayOnGroup, mayOnProject, type Standing } from '../../../access/policy.ts'
import type { MemberLevel } from '../../../core/access-level.ts'
import type { AuditEntity } from '../../../core/audit.ts'
import type { UserId } from '../../../core/ids.ts'
import type { MemberHome } from '../../../store/members.ts'
import { lineageIds, namespaceById } from '../../../store/namespaces.ts'
import { groupEntity, projectEntity } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { forbidden } from '../errors.ts'
import { reachGroup, reachProject } from '../reach.ts'

/** The group or project whose members are spoken of, and what the caller may do about them. */
export interface MemberPlace {
  readonly home: MemberHome
  /** The same, as the audit names it. */
  readonly entity: AuditEntity
  readonly standing: Standing
  /** May add, change and remove members. */
  readonly manages: boolean
  /** Lineage of the group, or of the project's namespace. */
  readonly lineage: string
  /** The user in whose own namespace the project stands: always its Owner. */
  readonly landlord: UserId | undefined
}

const projectPlace = async (call: Call): Promise<MemberPlace> => {
  const { project, standing } = await reachProject(call, 'read_members')
  const namespace = await namespaceById(call.parts.store.read, project.namespace_id)
  return {
    home: { kind: 'project', id: project.id, namespaces: lineageIds(project.lineage) },
    entity: projectEntity(project),
    standing,
    manages: mayOnProject('manage_members', standing, project),
    lineage: project.lineage,
    landlord: namespace?.owner_id ?? undefined,
  }
}

const groupPlace = async (call: Call): Promise<MemberPlace> => {
  const { group, standing } = await reachGroup(call, 'read_members')
  return {
    home: { kind: 'group', id: group.id, namespaces: lineageIds(group.lineage) },
    entity: groupEntity(group),
    standing,
    manages: mayOnGroup('manage_members', standing, group, true),
    lineage: group.lineage,
    landlord: undefined,
  }
}

export const memberPlaces = { projects: projectPlace, groups: groupPlace } as const
export type MemberPlaces = keyof typeof memberPlaces

/** Throws 403 where the caller may not manage members here. */
export const refuseUnlessManager = ({ manages }: MemberPlace): void => {
  if (!manages) throw forbidden()
}

/** Throws 403 where the level is above the caller's own: nobody gives or takes away what it does not have. */
export const refuseLevelAbove = ({ standing }: MemberPlace, level: MemberLevel): void => {
  if (!mayHandleLevel(standing, level)) throw forbidden()
}

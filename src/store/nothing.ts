import type { NamespaceId, ProjectId } from '../core/ids.ts'

/**
 * Numbers that nothing ever has. They are asked after in place of what is not there, so that finding nothing is the same
 * work as finding what the caller may not know of.
 */
export const noProject = 0 as ProjectId
export const noNamespace = 0 as NamespaceId

/** As a lineage is stored. */
export const noLineage = `/${noNamespace}/`

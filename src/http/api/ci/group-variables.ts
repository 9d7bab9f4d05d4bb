import { groupEntity } from '../audit-words.ts'
import type { Route } from '../call.ts'
import { reachGroup } from '../reach.ts'
import { variableRoutesOf } from './variable-routes.ts'

/** Variables that jobs of every project in a group and below are given. Owners manage them. */
export const groupVariableRoutes: readonly Route[] = variableRoutesOf({
  path: '/groups/:id/variables',
  title: 'GroupVariable',
  event: 'ci_group_variable',
  className: 'Ci::GroupVariable',
  async reach(call) {
    const { group } = await reachGroup(call, 'manage_variables')
    return { home: { kind: 'group', id: group.id }, entity: groupEntity(group) }
  },
})

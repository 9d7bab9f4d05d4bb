import { projectEntity } from '../audit-words.ts'
import type { Route } from '../call.ts'
import { reachProject } from '../reach.ts'
import { variableRoutesOf } from './variable-routes.ts'

/** Variables that jobs of a project are given. Maintainers manage them. */
export const projectVariableRoutes: readonly Route[] = variableRoutesOf({
  path: '/projects/:id/variables',
  title: 'Variable',
  event: 'ci_variable',
  className: 'Ci::Variable',
  async reach(call) {
    const { project } = await reachProject(call, 'manage_variables')
    return { home: { kind: 'project', id: project.id }, entity: projectEntity(project) }
  },
})

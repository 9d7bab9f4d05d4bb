import { z } from 'zod'
import type { NamespaceId } from '../../../core/ids.ts'
import type { Namespace } from '../../../store/namespaces.ts'
import type { Project } from '../../../store/projects.ts'
import { maybeWords, momentWords, wholeNumber, words } from '../entity-words.ts'
import { fullName } from '../groups/namespace-shape.ts'

/** What every longer form of a project begins with (gitlab `API::Entities::ProjectIdentity`). */
export const projectIdentityEntity = z
  .object({
    id: wholeNumber,
    description: maybeWords,
    name: words,
    name_with_namespace: words,
    path: words,
    path_with_namespace: words,
    created_at: momentWords,
  })
  .meta({ id: 'ProjectIdentity' })

/** @param above every namespace above the project */
export const projectIdentityShape = (
  project: Project,
  above: ReadonlyMap<NamespaceId, Namespace>,
): z.output<typeof projectIdentityEntity> => ({
  id: project.id,
  description: project.description,
  name: project.name,
  name_with_namespace: `${fullName(project.lineage, above)} / ${project.name}`,
  path: project.path,
  path_with_namespace: project.full_path,
  created_at: project.created_at,
})

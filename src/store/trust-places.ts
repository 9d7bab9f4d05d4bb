import { lineageIds, namespaceById } from './namespaces.ts'
import { projectById } from './projects.ts'
import { findByPath, type Reader } from './routes.ts'
import type { TrustPlace } from './trusts.ts'

/** The project or group on a path of today; an old path leads nowhere, since who has it next is somebody else. */
export const findTrustPlace = async (reader: Reader, path: string): Promise<TrustPlace | undefined> => {
  const found = await findByPath(reader, path)
  if (found === undefined || found.moved) return undefined
  if (found.projectId !== null) {
    const project = await projectById(reader, found.projectId)
    return (
      project && {
        home: { kind: 'project', id: project.id },
        fullPath: project.full_path,
        namespaces: lineageIds(project.lineage),
      }
    )
  }
  const group = found.namespaceId === null ? undefined : await namespaceById(reader, found.namespaceId)
  if (group?.kind !== 'group') return undefined
  return { home: { kind: 'group', id: group.id }, fullPath: group.full_path, namespaces: lineageIds(group.lineage) }
}

import { z } from 'zod'
import type { Settings } from '../../../config.ts'
import type { NamespaceId } from '../../../core/ids.ts'
import { lineageIds, type Namespace, namespacesById } from '../../../store/namespaces.ts'
import type { Reader } from '../../../store/routes.ts'
import { link, maybeNumber, maybeWords, wholeNumber, words } from '../entity-words.ts'
import { webUrl } from '../urls.ts'

/** A namespace as it stands within a project, and in `GET /namespaces` (gitlab `API::Entities::NamespaceBasic`). */
export const namespaceEntity = z
  .object({
    id: wholeNumber,
    name: words,
    path: words,
    kind: z.enum(['user', 'group']),
    full_path: words,
    parent_id: maybeNumber,
    avatar_url: maybeWords,
    web_url: link,
  })
  .meta({ id: 'NamespaceBasic' })

export const namespaceShape = (namespace: Namespace, settings: Settings): z.output<typeof namespaceEntity> => ({
  id: namespace.id,
  name: namespace.name,
  path: namespace.path,
  kind: namespace.kind,
  full_path: namespace.full_path,
  parent_id: namespace.parent_id,
  avatar_url: null,
  web_url: namespaceUrl(namespace, settings),
})

export const namespaceUrl = (namespace: Namespace, settings: Settings): string =>
  webUrl(settings, namespace.kind === 'group' ? `groups/${namespace.full_path}` : namespace.full_path)

type Placed = { readonly lineage: string }

/** Every namespace above the given things, by id. */
export const namespacesAbove = (reader: Reader, things: readonly Placed[]): Promise<ReadonlyMap<NamespaceId, Namespace>> =>
  namespacesById(
    reader,
    things.flatMap(({ lineage }) => lineageIds(lineage)),
  )

/** Display names from the root down: `Group / Subgroup`. */
export const fullName = (lineage: string, above: ReadonlyMap<NamespaceId, Namespace>): string =>
  lineageIds(lineage)
    .map((id) => above.get(id)?.name ?? '')
    .join(' / ')

import { allowsImageAction, type ImageFacts, seesCatalog } from '../access/rules/registry.ts'
import type { Authenticated } from '../core/credential.ts'
import type { AskedScope } from './scopes.ts'
import type { RegistryAccess } from './sign.ts'

/** What is known of the project that a repository belongs to. */
export interface ImagePlace extends ImageFacts {
  readonly project: ImageFacts['project'] & { readonly fullPath: string }
}

/** A scope, with what came of it. */
export interface Granted {
  readonly asked: AskedScope
  /** Undefined where nothing came of it, as for what is unknown. */
  readonly access: RegistryAccess | undefined
  readonly place: ImagePlace | undefined
}

/** GitLab's own name for the whole list, and no other (`process_registry_access`). */
const grantCatalog = (who: Authenticated, { type, name, actions }: AskedScope): RegistryAccess | undefined =>
  name === 'catalog' && actions.length === 1 && actions[0] === '*' && seesCatalog(who) ? { type, name, actions } : undefined

const grantImages = (who: Authenticated, asked: AskedScope, place: ImagePlace): RegistryAccess | undefined => {
  const actions = asked.actions.filter((action) => allowsImageAction(who, action, place))
  if (actions.length === 0) return undefined
  const { fullPath, id, namespaces } = place.project
  return {
    type: asked.type,
    ...(asked.class !== undefined && { class: asked.class }),
    name: asked.name,
    actions,
    meta: { project_path: fullPath.toLowerCase(), project_id: id, root_namespace_id: namespaces[0] ?? 0 },
  }
}

/** What comes of one scope: each of its actions is asked alone, and left out where it is not allowed. */
export const grant = (who: Authenticated, asked: AskedScope, place: ImagePlace | undefined): Granted => {
  if (asked.type === 'registry') return { asked, access: grantCatalog(who, asked), place: undefined }
  const isImage = asked.type === 'repository' && place !== undefined
  return { asked, access: isImage ? grantImages(who, asked, place) : undefined, place: isImage ? place : undefined }
}

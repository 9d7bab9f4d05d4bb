import { isCreation, type RefUpdate } from '../core/ref-update.ts'
import { type NewObject, objectId, signatureOf } from './new-objects.ts'

/**
 * The changes as `git update-ref --stdin -z` reads them: all of them or none happen. What is made must not be there
 * yet, and what is deleted must be what it was when that was decided.
 */
export const encodeChanges = (changes: readonly RefUpdate[]): string =>
  changes
    .map((change) => (isCreation(change) ? `create ${change.ref}\0${change.newId}\0` : `delete ${change.ref}\0${change.oldId}\0`))
    .join('')

/** A tag object that is still to be written; its id is known before git is there at all. */
export type NewTag = NewObject

export interface TagWords {
  readonly name: string
  readonly target: { readonly id: string; readonly type: string }
  readonly tagger: { readonly name: string; readonly email: string }
  readonly message: string
  /** Milliseconds. */
  readonly at: number
}

/** An annotated tag as git stores it (`git help mktag`). */
export const makeTag = ({ name, target, tagger, message, at }: TagWords): NewTag => {
  const head = [`object ${target.id}`, `type ${target.type}`, `tag ${name}`, `tagger ${signatureOf(tagger, at)}`].join('\n')
  const content = Buffer.from(`${head}\n\n${message}\n`)
  return { id: objectId('tag', content), content }
}

import { createHash } from 'node:crypto'
import { isCreation, type RefUpdate } from '../core/ref-update.ts'

/**
 * The changes as `git update-ref --stdin -z` reads them: all of them or none happen. What is made must not be there
 * yet, and what is deleted must be what it was when that was decided.
 */
export const encodeChanges = (changes: readonly RefUpdate[]): string =>
  changes
    .map((change) => (isCreation(change) ? `create ${change.ref}\0${change.newId}\0` : `delete ${change.ref}\0${change.oldId}\0`))
    .join('')

/** A tag object that is still to be written; its id is known before git is there at all. */
export interface NewTag {
  readonly id: string
  readonly content: Buffer
}

export interface TagWords {
  readonly name: string
  readonly target: { readonly id: string; readonly type: string }
  readonly tagger: { readonly name: string; readonly email: string }
  readonly message: string
  /** Milliseconds. */
  readonly at: number
}

/** What would end a name or an address inside an object, and what git leaves out at their ends (`ident.c`, `strbuf_addstr_without_crud`). */
const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line of an object holds none
  text.replace(/[<>\u0000-\u001f]/g, '').replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '')

/** An annotated tag as git stores it (`git help mktag`). */
export const makeTag = ({ name, target, tagger, message, at }: TagWords): NewTag => {
  const head = [
    `object ${target.id}`,
    `type ${target.type}`,
    `tag ${name}`,
    `tagger ${plain(tagger.name) || 'unknown'} <${plain(tagger.email)}> ${Math.floor(at / 1000)} +0000`,
  ].join('\n')
  const content = Buffer.from(`${head}\n\n${message}\n`)
  const id = createHash('sha1').update(`tag ${content.length}\0`).update(content).digest('hex')
  return { id, content }
}

import { createHash } from 'node:crypto'

/** An object that is still to be written; its id is known before it is anywhere. */
export interface NewObject {
  readonly id: string
  readonly content: Buffer
}

/** The line by which git stores an object, in front of its content. */
export const objectHeader = (type: 'blob' | 'tree' | 'commit' | 'tag', content: Buffer): string => `${type} ${content.length}\0`

export const objectId = (type: Parameters<typeof objectHeader>[0], content: Buffer): string =>
  createHash('sha1').update(objectHeader(type, content)).update(content).digest('hex')

/** What would end a name or an address inside an object, and what git leaves out at their ends (`ident.c`, `strbuf_addstr_without_crud`). */
const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line of an object holds none
  text.replace(/[<>\u0000-\u001f]/g, '').replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '')

/** Who made an object and when, as it stands there. `at` in milliseconds. */
export const signatureOf = ({ name, email }: { readonly name: string; readonly email: string }, at: number): string =>
  `${plain(name) || 'unknown'} <${plain(email)}> ${Math.floor(at / 1000)} +0000`

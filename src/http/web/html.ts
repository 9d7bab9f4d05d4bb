/** What may stand in a template's gaps. Texts are escaped; nothing, and what is not there, leaves no trace. */
export type Piece = Html | string | number | false | undefined | readonly Piece[]

/** Markup that was made by a template. Its maker is not exported, so no text becomes markup unescaped. */
class Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

export type { Html }

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** Holds between tags and inside quoted attributes; no gap may stand anywhere else. */
const escapeText = (text: string): string => text.replaceAll(/[&<>"'`]/g, (character) => entities[character] ?? '')

const textOf = (piece: Piece): string => {
  if (piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.toString()
  if (typeof piece === 'object') return piece.map(textOf).join('')
  return escapeText(String(piece))
}

/** `` html`<p>${name}</p>` ``: markup, with what stands in its gaps escaped. */
export const html = (markup: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(markup.map((text, index) => text + textOf(pieces[index])).join(''))

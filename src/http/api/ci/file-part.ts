/** A form that is none, or whose heads have no end. */
export class BrokenForm extends Error {}

/** Longest head of a part, in bytes. */
const longestHead = 8192

const crlf = '\r\n'

/** A stream of which one sees the beginning before taking it. */
class Cursor {
  readonly #pieces: AsyncIterator<Buffer>
  /** The first boundary stands at the start of a line like all others. */
  #held: Buffer = Buffer.from(crlf)

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next()
    if (done === true) throw new BrokenForm('the form breaks off')
    this.#held = Buffer.concat([this.#held, value])
  }

  /** What comes before a mark, which is taken too. Throws where that is longer than `most`. */
  async upTo(mark: Buffer, most: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark)
      if (at > most || (at === -1 && this.#held.length > most + mark.length)) throw new BrokenForm('a head is too long')
      if (at !== -1) {
        const taken = this.#held.subarray(0, at)
        this.#held = this.#held.subarray(at + mark.length)
        return taken
      }
      await this.#more()
    }
  }

  /** The same piece by piece, of any length. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark)
      const sure = at === -1 ? Math.max(0, this.#held.length - mark.length + 1) : at
      if (sure > 0) yield this.#held.subarray(0, sure)
      this.#held = this.#held.subarray(at === -1 ? sure : at + mark.length)
      if (at !== -1) return
      await this.#more()
    }
  }
}

export interface FilePart {
  /** As the client named it; a name alone, never a way to it. */
  readonly filename: string
  readonly content: AsyncIterable<Buffer>
}

const boundaryOf = (contentType: string): string => {
  const [, quoted, bare] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) throw new BrokenForm('the form has no boundary')
  return boundary
}

const wordIn = (head: string, name: string): string | undefined => {
  const line = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? ''
  return new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(line)?.[1]
}

const baseName = (name: string): string => name.split(/[/\\]/).at(-1) ?? ''

/**
 * The part named `file` of a form that comes as a stream; what comes before it is passed over, and what comes after it
 * is never read. Throws `BrokenForm` where there is none.
 */
export const filePartOf = async (pieces: AsyncIterable<Buffer>, contentType: string): Promise<FilePart> => {
  const cursor = new Cursor(pieces)
  const mark = Buffer.from(`${crlf}--${boundaryOf(contentType)}`)
  for await (const _ of cursor.until(mark));
  for (;;) {
    const rest = (await cursor.upTo(Buffer.from(crlf), longestHead)).toString('latin1')
    if (rest.startsWith('--')) throw new BrokenForm('the form holds no file')
    const head = (await cursor.upTo(Buffer.from(crlf + crlf), longestHead)).toString('utf8')
    const filename = wordIn(head, 'filename')
    if (wordIn(head, 'name') === 'file' && filename !== undefined) {
      return { filename: baseName(filename), content: cursor.until(mark) }
    }
    for await (const _ of cursor.until(mark));
  }
}

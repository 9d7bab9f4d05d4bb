/** Node's hook for what `console.log` and error messages show of an object; named without importing Node. */
const inspectCustom = Symbol.for('nodejs.util.inspect.custom')

/**
 * A credential's text on its way from the wire to its digest. It prints as `[secret]` wherever it is logged, joined
 * into a string or made JSON; only `Secret.open` gives the text, and only `tokens/digest.ts` and the maker of a new
 * token's one answer call it.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  static open(secret: Secret): string {
    return secret.#text
  }

  get isEmpty(): boolean {
    return this.#text.length === 0
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspectCustom](): string {
    return '[secret]'
  }
}

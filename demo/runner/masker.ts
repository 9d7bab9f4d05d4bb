const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const noMasks = /(?!)/g

/** Hides values in a stream of bytes, also where one comes in two parts. Works on bytes, written as Latin-1. */
export class Masker {
  readonly #masks: readonly string[]
  readonly #pattern: RegExp
  #held = ''

  constructor(values: readonly string[]) {
    this.#masks = values
      .filter((value) => value !== '')
      .map((value) => Buffer.from(value).toString('latin1'))
      .toSorted((one, other) => other.length - one.length)
    this.#pattern = this.#masks.length === 0 ? noMasks : new RegExp(this.#masks.map(escaped).join('|'), 'g')
  }

  /** What can be shown by now: the end may be the beginning of a value, and is held back. */
  take(bytes: Uint8Array): Buffer<ArrayBuffer> {
    const text = this.#held + Buffer.from(bytes).toString('latin1')
    const end = this.#sureUntil(text)
    this.#held = text.slice(end)
    return this.#hidden(text.slice(0, end))
  }

  rest(): Buffer<ArrayBuffer> {
    const text = this.#held
    this.#held = ''
    return this.#hidden(text)
  }

  #hidden(text: string): Buffer<ArrayBuffer> {
    return Buffer.from(text.replace(this.#pattern, '[MASKED]'), 'latin1')
  }

  #sureUntil(text: string): number {
    const longest = this.#masks[0]?.length ?? 0
    let end = text.length
    for (let at = Math.max(0, text.length - longest + 1); at < end; at += 1) {
      const tail = text.slice(at)
      if (this.#masks.some((mask) => mask.length > tail.length && mask.startsWith(tail))) end = at
    }
    // A value that is whole is hidden as a whole, though its end may begin another.
    for (const { index, 0: value } of text.matchAll(this.#pattern)) if (index < end && index + value.length > end) return index
    return end
  }
}

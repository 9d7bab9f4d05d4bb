import { StringDecoder } from 'node:string_decoder'

/** What a name would do to a terminal, it does not do here: neither move about in it, nor turn a line round. */
export const onOneLine = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  name.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ')

/** By which a runner marks where a part of its log begins and ends; nothing for the eye. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const sectionMark = /section_(?:start|end):\d{1,15}:[^\r\n]{1,255}\r(?:\u001b\[0?K)?/g

/** Colours and weights are kept; what moves, erases, names or asks a terminal is not. */
const steering =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /(\u001b\[[0-9;:]{0,64}m)|\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|[ -/]*[0-~])|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

const harmless = (text: string): string =>
  text
    .replace(sectionMark, '')
    .replace(steering, (_, colour?: string) => colour ?? '')
    .replace(/\r+\n?/g, '\n')

/** A line that is longer is shown in pieces. */
const longestLine = 65_536

/** A job's log on its way to a terminal: it may colour, and nothing else. Shown by whole lines. */
export class TerminalText {
  readonly #decoder = new StringDecoder('utf8')
  #line = ''

  take(bytes: Buffer): string {
    this.#line += this.#decoder.write(bytes)
    const end = this.#line.length > longestLine ? this.#line.length : this.#line.lastIndexOf('\n') + 1
    const whole = this.#line.slice(0, end)
    this.#line = this.#line.slice(end)
    return harmless(whole)
  }

  /** What stands on the last line, and an end to its colours. */
  rest(): string {
    const text = harmless(this.#line + this.#decoder.end())
    this.#line = ''
    return `${text}\u001b[0m`
  }
}

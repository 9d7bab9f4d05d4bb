const letters: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

const escaped = /\\(?:([0-7]{3})|([abtnvfr"\\]))/g

const byteOf = (octal: string | undefined, letter: string | undefined): number =>
  octal === undefined ? (letters[letter ?? ''] ?? 0) : Number.parseInt(octal, 8) & 0xff

/**
 * A path as git writes it in lines (`quote.c`): as it is, or in quotes with what is no plain ASCII escaped.
 * @param text each byte as one character (latin1)
 */
export const unquotePath = (text: string): string => {
  const inner = /^"(.*)"$/s.exec(text)?.[1]
  if (inner === undefined) return Buffer.from(text, 'latin1').toString()
  const bytes = inner.replace(escaped, (_, octal?: string, letter?: string) => String.fromCharCode(byteOf(octal, letter)))
  return Buffer.from(bytes, 'latin1').toString()
}

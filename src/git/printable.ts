const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code < 0xa0)

/** Text for a person's terminal: control characters are taken out, so that no name can move the cursor; lines are kept. */
export const printable = (text: string): string =>
  [...text].filter((character) => character === '\n' || !isControl(character.codePointAt(0) ?? 0)).join('')

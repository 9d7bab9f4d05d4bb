/** A stretch of a terminal's line in one style. */
export interface Span {
  readonly text: string
  /** Where it begins, in columns. */
  readonly column: number
  readonly color: Color
  readonly bold: boolean
}

export type Color = 'plain' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

interface Style {
  readonly color: Exclude<Color, 'dim'>
  readonly bold: boolean
  readonly dim: boolean
}

const plain: Style = { color: 'plain', bold: false, dim: false }

/** The few codes (ECMA-48 SGR) that the tour uses. */
const codes: Readonly<Record<string, Partial<Style>>> = {
  0: plain,
  1: { bold: true },
  2: { dim: true },
  22: { bold: false, dim: false },
  31: { color: 'red' },
  32: { color: 'green' },
  33: { color: 'yellow' },
  36: { color: 'cyan' },
  39: { color: 'plain' },
}

const escapeSign = String.fromCharCode(27)
const code = new RegExp(`${escapeSign}\\[([0-9;]*)m`)

const styled = (style: Style, numbers: string): Style =>
  Object.assign({}, style, ...numbers.split(';').map((number) => codes[number]))

/** Takes one coloured line apart. */
export const spansOf = (line: string): Span[] => {
  const spans: Span[] = []
  let style = plain
  let column = 0
  // What is split at a group in parentheses has the texts at even places and the codes at odd ones.
  for (const [at, part] of line.split(code).entries()) {
    if (at % 2 === 1) style = styled(style, part)
    else if (part !== '') spans.push({ text: part, column, color: style.dim ? 'dim' : style.color, bold: style.bold })
    if (at % 2 === 0) column += part.length
  }
  return spans
}

export const withoutCodes = (line: string): string =>
  spansOf(line)
    .map(({ text }) => text)
    .join('')

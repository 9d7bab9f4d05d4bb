import { type Color, type Span, spansOf } from './ansi.ts'

const fontSize = 13
const lineHeight = 18
/** Monospace glyphs are about this wide; `textLength` makes every font keep to it. */
const glyph = fontSize * 0.6
const margin = 22
const bar = 36

const colors: Record<Color, string> = {
  plain: '#e6edf3',
  dim: '#8b949e',
  red: '#ff7b72',
  green: '#56d364',
  yellow: '#e3b341',
  cyan: '#79c0ff',
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign)

const rounded = (pixels: number): string => String(Math.round(pixels * 100) / 100)

const tspan = ({ text, column, color, bold }: Span): string => {
  const words = text.trimEnd()
  const indent = words.length - words.trimStart().length
  const shown = words.slice(indent)
  if (shown === '') return ''
  const x = rounded(margin + (column + indent) * glyph)
  const weight = bold ? ' font-weight="bold"' : ''
  return `<tspan x="${x}" textLength="${rounded(shown.length * glyph)}" fill="${colors[color]}"${weight}>${escaped(shown)}</tspan>`
}

const lineAt = (line: string, index: number): string => {
  const spans = spansOf(line).map(tspan).join('')
  return spans === '' ? '' : `<text y="${bar + margin + index * lineHeight}">${spans}</text>`
}

const dots = ['#ff5f57', '#febc2e', '#28c840'].map((fill, at) => `<circle cx="${22 + at * 20}" cy="18" r="6" fill="${fill}"/>`)

const widthOf = (line: string): number => Math.max(0, ...spansOf(line).map(({ column, text }) => column + text.trimEnd().length))

/**
 * A terminal window with these coloured lines, as SVG without scripts, styles or fonts from elsewhere.
 * @param title for readers who do not see the picture
 */
export const terminalSvg = (title: string, lines: readonly string[]): string => {
  const width = Math.ceil(2 * margin + Math.max(...lines.map(widthOf)) * glyph)
  const height = bar + margin + lines.length * lineHeight
  const font = `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    ...dots,
    `<g ${font}>`,
    ...lines.map(lineAt).filter((line) => line !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character)

type Attributes = Readonly<Record<string, string | number>>

/** Two places behind the point are finer than any screen. */
const attributeText = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value)

/** @param content of other elements; it is not escaped */
export const element = (name: string, attributes: Attributes, content: readonly string[] = []): string => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attributeText(value)}"`)
  const opening = `<${name}${written.join('')}`
  return content.length === 0 ? `${opening}/>` : `${opening}>${content.join('')}</${name}>`
}

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, [escaped(words)])

export const rule = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  element('line', { x1, y1, x2, y2, class: kind })

/** The colours are told apart in a light and in a dark page, and by those who see no red or no green. */
const style = `
svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4; --sallyport: #0969da; --peer: #bc4c00 }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #f0f6fc; --faint: #9198a1; --grid: #30363d; --sallyport: #58a6ff; --peer: #ffa657 }
}
text { font: 12px system-ui, sans-serif; fill: var(--ink) }
.title { font-size: 15px; font-weight: 600 } .faint { fill: var(--faint) }
.paper { fill: var(--paper) } .grid { stroke: var(--grid) } .axis { stroke: var(--faint) }
.goal { stroke: var(--ink); stroke-width: 2 }
.line { fill: none; stroke-width: 2 } .second { stroke-dasharray: 6 4 }
.line.sallyport, .spread.sallyport { stroke: var(--sallyport) } .line.peer, .spread.peer { stroke: var(--peer) }
.mark.sallyport, .bar.sallyport, text.sallyport { fill: var(--sallyport) } .mark.peer, .bar.peer, text.peer { fill: var(--peer) }
`

export interface Picture {
  readonly width: number
  readonly height: number
  readonly title: string
  /** What the picture shows, for those who do not see it. */
  readonly description: string
}

export const picture = ({ width, height, title, description }: Picture, content: readonly string[]): string => {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-labelledby': 'title description',
  }
  const parts = [
    element('title', { id: 'title' }, [escaped(title)]),
    element('desc', { id: 'description' }, [escaped(description)]),
    element('style', {}, [style]),
    element('rect', { width, height, rx: 6, class: 'paper' }),
    text(16, 26, title, { class: 'title' }),
    ...content,
  ]
  return `${element(
    'svg',
    attributes,
    parts.map((part) => `\n${part}`),
  )}\n`
}

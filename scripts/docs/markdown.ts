/** One table in Markdown. A bar inside a cell would end it. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

const begin = (name: string): string => `<!-- begin ${name}: written by npm run docs -->`
const end = (name: string): string => `<!-- end ${name} -->`

/** Puts `content` between the markers of that name and leaves the rest as it is. Throws where the markers are missing. */
export const fill = (page: string, name: string, content: string): string => {
  const from = page.indexOf(begin(name))
  const to = page.indexOf(end(name))
  if (from < 0 || to < from) throw new Error(`the page has no markers for ${name}: ${begin(name)} … ${end(name)}`)
  return `${page.slice(0, from + begin(name).length)}\n\n${content}\n\n${page.slice(to)}`
}

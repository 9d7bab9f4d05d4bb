import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../docs/performance.md')
const begin = '<!-- figures: written by npm run bench -- --write -->'
const end = '<!-- end of figures -->'

/** Puts the figures of this run in the place of the last ones. */
export const writeDocument = async (figures: string): Promise<void> => {
  const text = await readFile(file, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has lost the two lines between which the figures stand`)
  await writeFile(file, `${text.slice(0, from + begin.length)}\n\n${figures}\n\n${text.slice(to)}`)
}

/** `npm run docs`: writes the parts of the documentation that come from code. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from './docs/markdown.ts'
import { pages } from './docs/pages.ts'

const root = join(import.meta.dirname, '..')

/** The page as it should stand. */
export const freshPage = (file: string): string =>
  Object.entries(pages[file] ?? {}).reduce(
    (page, [name, content]) => fill(page, name, content()),
    readFileSync(join(root, file), 'utf8'),
  )

if (import.meta.main) {
  for (const file of Object.keys(pages)) {
    writeFileSync(join(root, file), freshPage(file))
    console.log(`${file} is up to date`)
  }
}

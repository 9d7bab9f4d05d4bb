import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fill } from '../../scripts/docs/markdown.ts'
import { pages } from '../../scripts/docs/pages.ts'
import { freshPage } from '../../scripts/docs.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const markdown = ['.', 'docs', 'docs/decisions'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

/** Links to other files of the project; those to the web are nobody's promise. */
const linksOf = (file: string): string[] =>
  [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))

/** Files of the project that a page names between backticks; a name with a star stands for several. */
const filesNamedIn = (file: string): string[] =>
  [...read(file).matchAll(/`((?:src|test|scripts|bin|docs|demo|bench)\/[\w./-]+)`/g)].map((match) => match[1] ?? '')

describe('the documentation', () => {
  test.each(Object.keys(pages))('%s says what the code says (npm run docs)', (file) => {
    expect(read(file)).toBe(freshPage(file))
  })

  test.each(markdown)('each link in %s leads somewhere', (file) => {
    const broken = linksOf(file).filter((target) => !existsSync(join(root, dirname(file), target)))
    expect(broken).toEqual([])
  })

  test.each(markdown)('each file that %s names is there', (file) => {
    expect(filesNamedIn(file).filter((name) => !existsSync(join(root, name)))).toEqual([])
  })

  test('a page that has lost its markers is found', () => {
    expect(() => fill('no markers here', 'settings', '')).toThrow('no markers for settings')
  })

  test('what stands outside the markers is left alone', () => {
    const page = 'before\n<!-- begin x: written by npm run docs -->\nold\n<!-- end x -->\nafter'
    expect(fill(page, 'x', 'new')).toBe('before\n<!-- begin x: written by npm run docs -->\n\nnew\n\n<!-- end x -->\nafter')
  })
})

describe('each room', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const rooms = new Set(files.filter((name) => name.includes('/')).map((name) => name.split('/')[0] ?? ''))

  test.each([...rooms].map((name) => `src/${name}/README.md`))('%s is a sign of at most ten lines', (file) => {
    const lines = read(file).trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(10)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { doors, rules, type Source, secretOpeners, upkeepAdmitters } from './rules.ts'

const root = join(import.meta.dirname, '../..')

const sources: Source[] = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ path: `src/${name}`, text: readFileSync(join(root, 'src', name), 'utf8') }))

/** For each rule a source that breaks it: a guard that passes on everything is worse than none. */
const planted: Record<string, Source> = {
  'files are short': { path: 'src/git/long.ts', text: 'x\n'.repeat(351) },
  'imports point inwards': { path: 'src/access/rules/out.ts', text: "import { a } from '../../git/process.ts'" },
  'the law is pure': { path: 'src/access/clock.ts', text: 'export const now = Date.now()' },
  'one file starts processes': { path: 'src/http/run.ts', text: "import { spawn } from 'node:child_process'" },
  'few files give leave for upkeep': { path: 'src/http/api/tidy.ts', text: 'admitUpkeep(project.id)' },
  'few files open secrets': { path: 'src/log.ts', text: 'Secret.open(secret)' },
  'there are no holes in the types and no promises in the code': {
    path: 'src/http/x.ts',
    text: '// @ts-ignore\nconst x: number = y',
  },
  'names say something': { path: 'src/http/utils.ts', text: '' },
  'there are no barrels': { path: 'src/git/all.ts', text: "export * from './process.ts'" },
}

describe.each(Object.entries(rules))('%s', (name, rule) => {
  test('in the house as it stands', () => {
    expect(rule(sources)).toEqual([])
  })

  test('and a planted violation is found', () => {
    const violation = planted[name]
    expect(violation).toBeDefined()
    expect(rule(violation ? [violation] : [])).not.toEqual([])
  })
})

test('every room has its doors listed, and every exception still exists', () => {
  const rooms = new Set(sources.map(({ path }) => path.split('/')[1]))
  expect(new Set(Object.keys(doors))).toEqual(rooms)
  for (const path of [...secretOpeners, ...upkeepAdmitters]) expect(sources.map((source) => source.path)).toContain(path)
})

test('each runtime dependency is pinned, and told of in docs/dependencies.md', () => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const told = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
    expect([name, told.includes(`\`${name}\``)]).toEqual([name, true])
  }
})

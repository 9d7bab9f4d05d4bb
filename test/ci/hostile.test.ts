import { describe, expect, it } from 'vitest'
import { check } from '../../src/ci/compile.ts'
import { mergedYaml } from '../../src/ci/merged-yaml.ts'

const context = {
  ref: 'main',
  refType: 'branch',
  source: 'push',
  variables: new Map([['a', 'b']]),
  defaultBranch: 'main',
} as const

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('')
const job = 't:\n  script: x\n'
const rules = (count: number, expression: string): string => `${job}  rules:\n${lines(count, () => `  - if: '${expression}'\n`)}`
const long = (sign: string): string => `variables:\n  V: ${sign.repeat(60_000)}\n`

/** Each is smaller than a configuration may be, and asked for minutes, or for more memory than there is, before it was bounded. */
const hostile: readonly (readonly [string, string])[] = [
  ['patterns of many steps', rules(60, `${'$a=~/.{0,900}/||'.repeat(250)}$a`)],
  ['aliases of a pattern of many steps', `${job}  only:\n    - &p "/.{0,900}/"\n${'    - *p\n'.repeat(25_000)}`],
  ['patterns in variables', `variables:\n  P: '/.{0,900}/'\n${rules(60, `${'$V!~$P||'.repeat(500)}$Q`)}`],
  ['patterns found at once in a long text', long('a') + rules(45, `${'$V=~/a*/&&'.repeat(400)}$Q`)],
  ['sets of many parts', long('~') + rules(190, `$V=~/[${'bcdefghijkl'.repeat(80)}]/i`)],
  ['signs that belong nowhere', ']'.repeat(262_000)],
  [
    'bases that take the place of one another',
    `.a: {v: {${lines(4400, (at) => `k${at}: 1,`)}}}\n${lines(44, (at) => `t${at}: {extends: [${'.a,'.repeat(50)}]}\n`)}`,
  ],
  [
    'long references, taken often',
    `.a:\n  script:\n    - !reference [.b, ${'x,'.repeat(20_000)}]\n${lines(9000, (at) => `t${at}: {extends: .a}\n`)}`,
  ],
  [
    'stages and needs',
    `stages: [${lines(25_000, (at) => `s${at},`)}]\n.n: &n [${'t,'.repeat(49)}]\n.r: &r\n${lines(430, () => '  - needs: *n\n')}t: {stage: s24998, script: x}\n${lines(2, (at) => `u${at}: {stage: s24999, script: x, rules: *r}\n`)}`,
  ],
]

/** References that hold references, each as deep as one text may be. */
const deep = (item: string): string => {
  const nested = (inner: string) => `${'['.repeat(46)}${inner}${']'.repeat(46)}\n`
  const last = `.a0: ${nested(`${item},`.repeat(8000))}`
  return `${last}${lines(9, (at) => `.a${at + 1}: ${nested(`!reference [.a${at}]`)}`)}${job}`
}

describe('a hostile configuration', () => {
  it.each(hostile)('of %s is read in seconds', async (_, text) => {
    const before = process.cpuUsage()
    const { compiled, merged } = await check(text, context, async () => undefined)
    if (merged !== undefined) mergedYaml(merged)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(4000)
    expect(['invalid', 'planned', 'empty']).toContain(compiled.kind)
  })

  it.each(['x', '"x\\n\\n\\n\\nx"'])('that would be written out at great length is refused: %s', async (item) => {
    const { compiled, merged } = await check(deep(item), context, async () => undefined)
    expect([compiled, merged]).toEqual([{ kind: 'invalid', errors: ['The parsed YAML is too big'], warnings: [] }, undefined])
  })

  it('that repeats a long key is refused', async () => {
    const text = `.a:\n  variables:\n    ? ${'k'.repeat(100_000)}\n    : x\n${lines(300, (at) => `t${at}: {extends: .a, script: x}\n`)}`
    const { compiled } = await check(text, context, async () => undefined)
    expect(compiled).toMatchObject({ kind: 'invalid', errors: ['The parsed YAML is too big'] })
  })

  it('is told of in short sentences', async () => {
    const text = `stages: [${lines(20_000, (at) => `s${at},`)}]\n${lines(100, (at) => `u${at}: {stage: q, script: x}\n`)}`
    const { compiled } = await check(text, context, async () => undefined)
    const errors = compiled.kind === 'invalid' ? compiled.errors : []
    expect(errors).toHaveLength(100)
    expect(Math.max(...errors.map(({ length }) => length))).toBeLessThan(1100)
  })
})

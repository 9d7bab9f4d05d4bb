import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check, compile } from '../../src/ci/compile.ts'
import type { PipelineContext, Plan } from '../../src/ci/plan.ts'

const context: PipelineContext = {
  ref: 'main',
  refType: 'branch',
  source: 'push',
  variables: new Map([['CI_COMMIT_BRANCH', 'main']]),
  defaultBranch: 'main',
}

const files =
  (contents: Readonly<Record<string, string>>) =>
  async (path: string): Promise<string | undefined> =>
    Object.hasOwn(contents, path) ? contents[path] : undefined

const run = (text: string, contents = {}, changes: Partial<PipelineContext> = {}) =>
  compile(text, { ...context, ...changes }, files(contents))

const planOf = async (text: string, contents = {}, changes: Partial<PipelineContext> = {}): Promise<Plan> => {
  const compiled = await run(text, contents, changes)
  if (compiled.kind !== 'planned') throw new Error(JSON.stringify(compiled))
  return compiled.plan
}

const errorsOf = async (text: string, contents = {}): Promise<readonly string[]> => {
  const compiled = await run(text, contents)
  return compiled.kind === 'invalid' ? compiled.errors : [compiled.kind]
}

const names = (plan: Plan): readonly string[] => plan.jobs.map(({ name }) => name)

describe('a configuration that is right', () => {
  it('becomes a plan with the standard stages', async () => {
    const plan = await planOf('build:\n  stage: build\n  script: make\ntest:\n  script:\n    - a\n    - [b, [c]]\n')
    expect(plan.stages).toEqual(['.pre', 'build', 'test', 'deploy', '.post'])
    expect(
      plan.jobs.map(({ name, stageIndex, when, allowFailure, options }) => [
        name,
        stageIndex,
        when,
        allowFailure,
        options.script,
      ]),
    ).toEqual([
      ['build', 1, 'on_success', false, ['make']],
      ['test', 2, 'on_success', false, ['a', 'b', 'c']],
    ])
  })

  it('takes defaults, anchors, merge keys, extends and references together', async () => {
    const plan = await planOf(`
default: { before_script: [first], image: alpine, tags: [linux], retry: 1, timeout: 1h 30m }
variables: { A: 1, B: { value: two, expand: false } }
.base: &base { variables: { C: c, A: over }, script: [base] }
.more: { extends: .base, variables: { D: d } }
one: { extends: [.more], script: [!reference [.base, script], last], inherit: { variables: [B] } }
two: { <<: *base, inherit: { default: [tags] } }
`)
    const [one, two] = plan.jobs
    expect(one?.options.script).toEqual(['first', 'base', 'last'])
    expect(one?.options.image).toEqual({ name: 'alpine' })
    expect(one?.variables.map(({ key, value, raw }) => `${key}=${value}${raw ? ' raw' : ''}`)).toEqual([
      'B=two raw',
      'C=c',
      'A=over',
      'D=d',
    ])
    expect([one?.retry.max, one?.timeout, one?.tags]).toEqual([1, 5400, ['linux']])
    expect([two?.options.script, two?.options.image, two?.tags, two?.retry.max]).toEqual([['base'], undefined, ['linux'], 0])
  })

  it('passes artifacts, caches, services and tokens on in the shape of the payload', async () => {
    const plan = await planOf(`
a:
  script: x
  image: { name: i, entrypoint: [''] }
  services: [postgres, { name: redis, alias: r, variables: { P: 1 } }]
  artifacts: { paths: [out/], expire_in: 1 week, reports: { junit: j.xml, sast: [s.json] } }
  cache: { key: k, paths: [m/] }
  id_tokens: { T: { aud: https://vault } }
  environment: { name: prod, url: https://x, action: stop }
`)
    const options = plan.jobs[0]?.options
    expect(options?.image).toEqual({ name: 'i', entrypoint: [''] })
    expect(options?.services).toEqual([
      { name: 'postgres' },
      { name: 'redis', alias: 'r', variables: [{ key: 'P', value: '1' }] },
    ])
    expect(
      options?.artifacts.map((entry) => [entry['artifact_type'], entry['artifact_format'], entry['paths'], entry['when']]),
    ).toEqual([
      ['archive', 'zip', ['out/'], 'on_success'],
      ['junit', 'gzip', ['j.xml'], 'always'],
      ['sast', 'raw', ['s.json'], 'always'],
    ])
    expect(options?.cache).toEqual([
      { key: 'k', untracked: false, policy: 'pull-push', paths: ['m/'], when: 'on_success', fallback_keys: [] },
    ])
    expect(options?.idTokens).toEqual({ T: ['https://vault'] })
    expect(options?.environment).toEqual({ name: 'prod', url: 'https://x', action: 'stop' })
  })

  it('includes files of the commit, itself on top', async () => {
    const contents = { 'ci/a.yml': 'include: [ci/b.yml]\na: { script: a }\nb: { stage: build }', 'ci/b.yml': 'b: { script: b }' }
    const plan = await planOf('include: { local: /ci/a.yml }\na: { script: own }', contents)
    expect(plan.jobs.map(({ name, stage, options }) => [name, stage, options.script])).toEqual([
      ['b', 'build', ['b']],
      ['a', 'test', ['own']],
    ])
  })
})

describe('rules', () => {
  const jobs: readonly (readonly [string, string, readonly string[]])[] = [
    ['if that holds', 'rules: [{ if: $CI_COMMIT_BRANCH == "main" }]', ['on_success', 'false']],
    ['if that does not hold', 'rules: [{ if: $CI_COMMIT_BRANCH == "dev" }]', []],
    ['the first that holds', 'rules: [{ if: $NO, when: never }, { when: manual }]', ['manual', 'false']],
    ['never', 'rules: [{ when: never }, { when: always }]', []],
    ['allow_failure of a rule', 'rules: [{ when: always, allow_failure: true }]', ['always', 'true']],
    ['manual outside rules', 'when: manual', ['manual', 'true']],
    ['manual that says otherwise', 'when: manual\n  allow_failure: false', ['manual', 'false']],
    ['exit codes', 'allow_failure: { exit_codes: [3, 4] }', ['on_success', '3,4']],
    ['delayed', 'when: delayed\n  start_in: 30 minutes', ['delayed', 'false']],
    ['when: never', 'when: never', []],
    ['only a name', 'only: [main]', ['on_success', 'false']],
    ['only tags', 'only: [tags]', []],
    ['only a pattern', 'only: [/^MA/i]', ['on_success', 'false']],
    ['only a source', 'only: [pushes]', ['on_success', 'false']],
    ['except a branch', 'except: [branches]', []],
    ['except with variables', 'except: { variables: [$CI_COMMIT_BRANCH =~ /^ma/] }', []],
    ['only with refs and variables', 'only: { refs: [branches], variables: [$NOTHING] }', []],
    ['a variable of the job', 'variables: { X: y }\n  rules: [{ if: $X == "y" }]', ['on_success', 'false']],
  ]
  it.each(jobs)('%s', async (_, lines, wanted) => {
    const plan = await planOf(`kept: { script: k }\nj:\n  script: x\n  ${lines}\n`)
    const job = plan.jobs.find(({ name }) => name === 'j')
    expect(job === undefined ? [] : [job.when, String(job.allowFailure)]).toEqual(wanted)
  })

  it('of the workflow decide about the whole pipeline', async () => {
    const text =
      'workflow: { name: "for $W", rules: [{ if: $CI_COMMIT_BRANCH == "main", variables: { W: w } }] }\nj: { script: x }'
    const plan = await planOf(text)
    expect([plan.name, plan.jobs[0]?.variables]).toEqual(['for w', [{ key: 'W', value: 'w', raw: false }]])
    expect(await run(text, {}, { variables: new Map() })).toEqual({ kind: 'empty', reason: 'workflow' })
  })

  it('that leave nothing but .pre and .post leave no pipeline', async () => {
    const text = 'a: { stage: .pre, script: x }\nb: { script: x, rules: [{ if: $NO }] }'
    expect(await run(text)).toEqual({ kind: 'empty', reason: 'no jobs' })
    expect(await run('a: { script: x, rules: [{ if: $NO }] }')).toEqual({ kind: 'empty', reason: 'no jobs' })
  })

  it('may take away what another job needs', async () => {
    const text = (need: string) => `a: { stage: build, script: x, only: [tags] }\nb: { script: x, needs: [${need}] }`
    expect((await errorsOf(text('a')))[0]).toMatch(
      /^'b' job needs 'a' job, but 'a' does not exist in the pipeline\. This might be/,
    )
    expect(names(await planOf(text('{ job: a, optional: true }')))).toEqual(['b'])
  })
})

describe('a configuration that is wrong', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'Please provide content of .gitlab-ci.yml'],
    ['- a', 'Invalid configuration format'],
    ['a: [', '(<unknown>): '],
    ['a: *b', 'Unknown alias: b'],
    ['a: &a [*a]', 'Unknown alias: a'],
    ['.a: { script: x }', 'jobs config should contain at least one visible job'],
    ['a: { stage: test }', 'jobs a config should implement the script:, run:, or trigger: keyword'],
    ['a: { script: x, thing: 1 }', 'jobs:a config contains unknown keys: thing'],
    ['a: { script: x, stage: x }', 'a job: chosen stage x does not exist; available stages are .pre, build, test, deploy, .post'],
    ['a: { script: x, needs: [b] }', 'a job: undefined need: b'],
    ['a: { script: x, stage: build, needs: [b] }\nb: { script: x }', 'a job: need b is not defined in current or prior stages'],
    ['a: { script: x, needs: [b] }\nb: { script: x, needs: [a] }', 'The pipeline has circular dependencies'],
    ['a: { script: x, needs: [a] }', 'The pipeline has circular dependencies'],
    ['a: { script: x, needs: [{ pipeline: p }] }', 'jobs:a:needs config of `pipeline` are not supported'],
    ['a: { script: x, dependencies: [b] }', 'a job: undefined dependency: b'],
    ['a: { extends: b, script: x }\nb: { extends: a, script: x }', 'a: circular dependency detected in `extends`'],
    ['a: { extends: .b, script: x }', 'a: unknown keys in `extends` (.b)'],
    [
      'a: { script: [!reference [b, script]] }\nb: { script: [!reference [a, script]] }',
      '!reference ["b","script"] is part of a circular chain',
    ],
    ['a: { script: [!reference [b]] }', '!reference ["b"] could not be found'],
    ['include: x.yml\na: { script: x }', 'Local file `x.yml` does not exist!'],
    ['include: a.yml', 'Include of `a.yml` is part of a circular chain'],
    ['include: { project: x, file: y }', 'Include of `project` is not supported'],
    ['include: { remote: "https://x" }', 'Include of `remote` is not supported'],
    ['a: { script: 1 }', 'jobs:a:script config should be a string or a nested array of strings up to 10 levels deep'],
    ['a: { script: x, when: sometimes }', 'jobs:a when should be one of: '],
    ['a: { script: x, when: delayed }', 'jobs:a start in should be a duration'],
    ['a: { script: x, retry: 3 }', 'jobs:a:retry max must be less than or equal to 2'],
    ['a: { script: x, timeout: soon }', 'jobs:a timeout should be a duration'],
    [`a: { script: x, tags: [${'t,'.repeat(50)}] }`, 'jobs:a:tags config must be less than the limit of 50 tags'],
    ['a: { script: x, timeout: 32 days }', 'jobs:a timeout should not exceed the limit'],
    ['a: { script: x, timeout: 999999999 years }', 'jobs:a timeout should be a duration'],
    ['a: { script: x, rules: [{ when: delayed, start_in: 8 days }] }', 'jobs:a:rules:rule start in should not exceed the limit'],
    ['a: { script: x, rules: [{ if: $A, start_in: 1 day }] }', 'jobs:a:rules:rule start in must be blank'],
    ['a: { script: x, artifacts: { paths: [x], expire_in: 999999 years } }', 'jobs:a:artifacts expire in should be a duration'],
    ['a: { script: x, allow_failure: perhaps }', 'jobs:a allow failure should be a hash or a boolean value'],
    ['a: { script: x, rules: [{ if: $A === "b" }] }', 'jobs:a:rules:rule if invalid expression syntax'],
    ['a: { script: x, rules: [{ changes: [x] }] }', 'jobs:a:rules:rule changes is not supported'],
    ['a: { script: x, rules: [], only: [main] }', 'jobs:a config key may not be used with `rules`: only'],
    ['a: { script: x, only: { changes: [x] } }', 'jobs:a:only config keys are not supported: changes'],
    ['a: { script: x, only: ["/(?=a)/"] }', 'jobs:a:only config should be an array of strings or regular expressions'],
    ['a: { trigger: other }', 'jobs:a trigger is not supported'],
    ['a: { script: x, parallel: 2 }', 'jobs:a parallel is not supported'],
    ['a: { script: x, cache: { key: { files: [l] } } }', 'jobs:a:cache key of files is not supported'],
    ['a: { script: x, artifacts: { reports: { thing: x } } }', 'jobs:a:artifacts:reports config contains unknown keys: thing'],
    ['a: { script: x, variables: [1] }', 'jobs:a:variables config should be a hash'],
    ['a: { script: x, tags: linux }', 'jobs:a:tags config should be an array of strings'],
    ['default: { only: [x] }\na: { script: x }', 'default config contains unknown keys: only'],
  ]
  it.each(cases)('%j', async (text, wanted) => {
    const found = await errorsOf(text, { 'a.yml': 'include: b.yml', 'b.yml': 'include: /a.yml' })
    expect(
      found.some((sentence) => sentence.startsWith(wanted)),
      found.join('\n'),
    ).toBe(true)
  })
})

describe('a hostile configuration', () => {
  const aliases = (level: (below: string) => string) =>
    `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} ${level(`*a${at}`)}`).join('\n')}`
  const wide = `.w: &w {${Array.from({ length: 2000 }, (_, at) => `k${at}: v`).join(', ')}}\n`
  const many = (line: (at: number) => string, count: number) => Array.from({ length: count }, (_, at) => line(at)).join('\n')
  const bombs: Readonly<Record<string, string>> = {
    'laughs a billion times': aliases((below) => `[${Array(10).fill(below).join(', ')}]`),
    'merges a billion times': wide + many((at) => `m${at}: { <<: *w }`, 5000),
    'extends a wide job many times': wide + many((at) => `m${at}: { extends: .w }`, 5000),
    'refers to a wide list many times': `.w: [${Array(5000).fill('x').join(', ')}]\n${many((at) => `m${at}: { script: !reference [.w] }`, 400)}`,
    'has wide defaults for many jobs': `before_script: [${Array(9000).fill('x').join(', ')}]\n${many((at) => `m${at}: { script: x }`, 400)}`,
    'nests brackets': '['.repeat(200_000),
    'nests lists': '- '.repeat(100_000),
    'nests mappings': many((at) => `${' '.repeat(at)}a:`, 400),
    'is long': `a: { script: "${'x'.repeat(2_000_000)}" }`,
    'has many jobs': many((at) => `j${at}: { script: x }`, 501),
    'breaks at each sign': '"'.repeat(200_000),
  }
  it.each(Object.entries(bombs))('that %s is refused soon', async (_, text) => {
    const before = performance.now()
    expect((await run(text)).kind).toBe('invalid')
    expect(performance.now() - before).toBeLessThan(4000)
  })

  it('cannot set what the language means by a name', async () => {
    const plan = await planOf('__proto__: { script: x }\nconstructor: { script: y, variables: { __proto__: z } }')
    expect(names(plan)).toEqual(['__proto__', 'constructor'])
  })

  it('with a pattern that takes others forever ends', async () => {
    const compiled = await run('a: { script: x, only: ["/(a+)+$/"] }', {}, { ref: `${'a'.repeat(5000)}!` })
    expect(compiled).toEqual({ kind: 'empty', reason: 'no jobs' })
  })

  const words = [
    'script',
    'rules',
    'if',
    'needs',
    'extends',
    'a',
    '.b',
    'include',
    'default',
    'variables',
    'when',
    'only',
    'artifacts',
    'retry',
    'image',
    'services',
    'cache',
    'inherit',
    'workflow',
    'stages',
    'environment',
    'id_tokens',
    'hooks',
    'allow_failure',
  ]
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(...words, null, true, 0, 3, '$A == "b"', '/a/'),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...words), tie('node'), { maxKeys: 5 }),
    ),
  })).node
  it('of any shape gives an answer', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        const text = JSON.stringify(value)
        expect(['planned', 'empty', 'invalid']).toContain((await run(text, { a: text })).kind)
        await check(text, undefined, files({}))
      }),
      { numRuns: 500 },
    )
  })

  it('of any text gives an answer', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'abc:- \n[]{}&*!<>|?\'"#,%@`\t~0'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(text, async (value) => void (await run(value))),
      { numRuns: 1000 },
    )
  })
})

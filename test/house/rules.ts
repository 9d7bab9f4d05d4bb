/** Rules of the house that no compiler knows. Each takes sources and names what breaks it. */
export interface Source {
  /** From the project's root: `src/git/process.ts`. */
  readonly path: string
  readonly text: string
}

export type Rule = (sources: readonly Source[]) => string[]

const longestFile = 350

const importPattern = /(?:from|import\()\s*'([^']+)'/g

export const importsOf = ({ text }: Source): string[] => [...text.matchAll(importPattern)].map((match) => match[1] ?? '')

const resolve = (from: string, target: string): string => {
  const parts = from.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `src/git/process.ts` → `git`; a file that stands by itself is its own room. */
const roomOf = (path: string): string => path.split('/')[1] ?? path

/** Which rooms a room may import from. Edges point inwards: what is not listed is not allowed. */
export const doors: Readonly<Record<string, readonly string[]>> = {
  core: [],
  access: ['core'],
  tokens: ['core'],
  oauth: ['core'],
  ci: [],
  registry: ['core', 'access', 'keys.ts', 'unusable-key-file.ts'],
  store: ['core', 'access', 'tokens', 'ci', 'oauth'],
  backup: ['core', 'access', 'tokens', 'store', 'git'],
  pipelines: ['core', 'access', 'tokens', 'ci', 'store', 'git', 'log.ts'],
  trust: ['core', 'access', 'tokens', 'store', 'log.ts'],
  shield: ['core', 'access', 'tokens', 'store', 'git'],
  notices: ['core', 'store', 'log.ts'],
  git: ['core', 'access', 'log.ts'],
  ssh: ['core', 'access', 'tokens', 'git', 'config.ts', 'connections.ts', 'log.ts'],
  http: [
    'core',
    'access',
    'tokens',
    'store',
    'git',
    'ci',
    'pipelines',
    'registry',
    'shield',
    'trust',
    'oauth',
    'config.ts',
    'connections.ts',
    'log.ts',
    'unusable-address.ts',
  ],
  start: [
    'backup',
    'core',
    'access',
    'tokens',
    'store',
    'git',
    'http',
    'ssh',
    'notices',
    'pipelines',
    'registry',
    'shield',
    'trust',
    'config.ts',
    'connections.ts',
    'keys.ts',
    'log.ts',
    'unusable-address.ts',
    'unusable-key-file.ts',
    'version.ts',
  ],
  cli: ['backup', 'core', 'access', 'store', 'tokens', 'ci', 'git', 'registry', 'config.ts', 'version.ts'],
  'main.ts': ['start', 'cli', 'config.ts', 'unusable-key-file.ts'],
  'config.ts': ['core', 'log.ts'],
  'connections.ts': [],
  'log.ts': ['core', 'tokens'],
  'keys.ts': ['unusable-key-file.ts'],
  'unusable-key-file.ts': [],
  'unusable-address.ts': ['config.ts'],
  'version.ts': ['package.json'],
}

const shortFiles: Rule = (sources) =>
  sources.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1
    return lines > longestFile ? [`${path} has ${lines} lines; ${longestFile} is the most`] : []
  })

const inwardEdges: Rule = (sources) =>
  sources.flatMap((source) =>
    importsOf(source)
      .filter((target) => target.startsWith('.'))
      .map((target) => roomOf(`/${resolve(source.path, target).replace(/^src\//, '')}`))
      .filter((room) => room !== roomOf(source.path) && !(doors[roomOf(source.path)] ?? []).includes(room))
      .map((room) => `${source.path} imports from ${room}, which ${roomOf(source.path)} may not`),
  )

/** The words, the law and the plans are free of Node, of packages, and of every clock but the one handed in. */
const pureLaw: Rule = (sources) =>
  sources
    .filter(({ path }) => /^src\/(core|access|ci)\//.test(path))
    .flatMap((source) => [
      ...importsOf(source)
        .filter((target) => !target.startsWith('.') && !(target === 'yaml' && source.path.startsWith('src/ci/')))
        .map((target) => `${source.path} imports ${target}`),
      ...(/\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)/.test(source.text)
        ? [`${source.path} looks at a clock or throws dice`]
        : []),
    ])

const oneSpawner: Rule = (sources) =>
  sources
    .filter((source) => source.path !== 'src/git/process.ts' && importsOf(source).some((target) => /child_process/.test(target)))
    .map(({ path }) => `${path} starts processes; only src/git/process.ts may`)

/** Secrets are opened where they are digested, derived from or shown once, and nowhere else. */
export const secretOpeners = new Set([
  'src/tokens/digest.ts',
  'src/tokens/passwords.ts',
  'src/tokens/form-token.ts',
  'src/tokens/totp.ts',
  'src/tokens/recovery-codes.ts',
  'src/tokens/code-text.ts',
  'src/http/web/cookie.ts',
  'src/notices/smtp.ts',
  'src/cli/token.ts',
  'src/tokens/seal.ts',
  'src/tokens/log-mask.ts',
  'src/store/ci/masks.ts',
  'src/http/api/ci/runner-shape.ts',
  'src/start/first-start.ts',
  'src/http/api/tokens/token-shape.ts',
  'src/http/api/tokens/trigger-shape.ts',
  'src/http/api/trusts/token-exchange.ts',
  'src/http/api/ci/job-leases.ts',
  'src/http/api/ci/variable-shape.ts',
  'src/http/api/ci/pipeline-variable-shape.ts',
  'src/http/api/ci/variable-routes.ts',
  'src/pipelines/payload.ts',
  'src/pipelines/stored-variables.ts',
  'src/pipelines/deploy-token.ts',
  'src/http/oauth/tokens-answer.ts',
  'src/http/oauth/authorize-device.ts',
  'src/http/api/oauth/application-shape.ts',
])

const fewOpeners: Rule = (sources) =>
  sources
    .filter(({ path, text }) => text.includes('Secret.open(') && !secretOpeners.has(path))
    .map(({ path }) => `${path} opens secrets`)

/** Upkeep is nobody's request: leave for it is given by whoever holds the home, and by the command line. */
export const upkeepAdmitters = new Set([
  'src/access/upkeep.ts',
  'src/start/maintenance-rounds.ts',
  'src/cli/maintain.ts',
  'src/cli/restore.ts',
])

const fewAdmitters: Rule = (sources) =>
  sources
    .filter(({ path, text }) => text.includes('admitUpkeep') && !upkeepAdmitters.has(path))
    .map(({ path }) => `${path} gives leave to look after repositories`)

/** `any` is the linter's to find. */
const holes = [/@ts-(?:ignore|nocheck|expect-error)/, /\b(?:TODO|FIXME|XXX)\b/, /biome-ignore lint\/suspicious\/noExplicitAny/]

const noHoles: Rule = (sources) =>
  sources.flatMap(({ path, text }) => holes.filter((hole) => hole.test(text)).map((hole) => `${path} holds ${hole.source}`))

const noCatchAllRooms: Rule = (sources) =>
  sources
    .filter(({ path }) =>
      /\/(?:utils?|helpers?|common|shared|misc|index)(?:\/|\.ts$)/.test(path.replace('migrations/index.ts', '')),
    )
    .map(({ path }) => `${path} has a name that says nothing`)

/** What a module shares is exported where it is made; a file that only passes on hides where things are. */
const noBarrels: Rule = (sources) =>
  sources.filter(({ text }) => /^export \* from/m.test(text)).map(({ path }) => `${path} passes everything on`)

export const rules: Readonly<Record<string, Rule>> = {
  'files are short': shortFiles,
  'imports point inwards': inwardEdges,
  'the law is pure': pureLaw,
  'one file starts processes': oneSpawner,
  'few files open secrets': fewOpeners,
  'few files give leave for upkeep': fewAdmitters,
  'there are no holes in the types and no promises in the code': noHoles,
  'names say something': noCatchAllRooms,
  'there are no barrels': noBarrels,
}

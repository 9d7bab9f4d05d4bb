import { durationIn } from './duration.ts'
import { Reading } from './reading.ts'
import { isList, isMapping, isText } from './value.ts'

type Entry = Readonly<Record<string, unknown>>

const artifactKeys: ReadonlySet<string> = new Set([
  'paths',
  'exclude',
  'name',
  'when',
  'expire_in',
  'expose_as',
  'untracked',
  'reports',
  'public',
  'access',
])
const whens = ['on_success', 'on_failure', 'always'] as const

/** File names and formats (gitlab `lib/gitlab/ci/config/entry/reports.rb`, `app/models/enums/ci/job_artifact.rb`). */
const reports: Readonly<Record<string, readonly [string, 'gzip' | 'raw']>> = {
  junit: ['junit.xml', 'gzip'],
  dotenv: ['.env', 'gzip'],
  metrics: ['metrics.txt', 'gzip'],
  lsif: ['lsif.json', 'gzip'],
  cyclonedx: ['gl-sbom.cdx.json', 'gzip'],
  annotations: ['gl-annotations.json', 'gzip'],
  accessibility: ['gl-accessibility.json', 'raw'],
  codequality: ['gl-code-quality-report.json', 'raw'],
  sast: ['gl-sast-report.json', 'raw'],
  secret_detection: ['gl-secret-detection-report.json', 'raw'],
  dependency_scanning: ['gl-dependency-scanning-report.json', 'raw'],
  container_scanning: ['gl-container-scanning-report.json', 'raw'],
  cluster_image_scanning: ['gl-cluster-image-scanning-report.json', 'raw'],
  dast: ['gl-dast-report.json', 'raw'],
  api_fuzzing: ['gl-api-fuzzing-report.json', 'raw'],
  coverage_fuzzing: ['gl-coverage-fuzzing.json', 'raw'],
  performance: ['performance.json', 'raw'],
  browser_performance: ['browser-performance.json', 'raw'],
  load_performance: ['load-performance.json', 'raw'],
  terraform: ['tfplan.json', 'raw'],
  requirements: ['requirements.json', 'raw'],
}

const coverage = (reading: Reading, rest: Entry): Entry => {
  const format = reading.word('coverage_format', ['cobertura', 'jacoco'])
  const path = reading.text('path')
  if (path === undefined) reading.wrong('path', 'should be a string')
  return {
    name: `${format}-coverage.xml`,
    artifact_type: format,
    artifact_format: 'gzip',
    paths: [path],
    when: 'always',
    ...rest,
  }
}

const readReports = (reading: Reading | undefined, rest: Entry): readonly Entry[] => {
  const found: Entry[] = []
  for (const key of reading?.keys ?? []) {
    const known = Object.hasOwn(reports, key) ? reports[key] : undefined
    const report = key === 'coverage_report' ? reading?.mapping(key) : undefined
    if (report !== undefined) found.push(coverage(report, rest))
    else if (known === undefined) reading?.findings.error(`${reading.place} config contains unknown keys: ${key}`)
    else {
      const paths = reading?.textOrTexts(key)
      const [name, format] = known
      if (paths) found.push({ name, artifact_type: key, artifact_format: format, paths, when: 'always', ...rest })
    }
  }
  return found
}

/** One entry for the archive and one for each report. */
export const readArtifacts = (parent: Reading): readonly Entry[] | undefined => {
  const reading = parent.mapping('artifacts')?.only(artifactKeys)
  if (reading === undefined) return undefined
  const expiry = reading.text('expire_in')
  if (expiry !== undefined && expiry !== 'never' && durationIn(expiry) === undefined)
    reading.wrong('expire_in', 'should be a duration')
  const [name, paths, exclude] = [reading.text('name'), reading.texts('paths'), reading.texts('exclude')]
  const [untracked, when] = [reading.flag('untracked') ?? false, reading.word('when', whens) ?? 'on_success']
  const rest = expiry === undefined ? {} : { expire_in: expiry }
  const shape = { artifact_type: 'archive', artifact_format: 'zip' }
  const archive = { ...(name && { name }), untracked, paths: paths ?? [], exclude: exclude ?? [], when, ...rest, ...shape }
  return [...(untracked || paths ? [archive] : []), ...readReports(reading.mapping('reports'), rest)]
}

const cacheKeys: ReadonlySet<string> = new Set(['key', 'paths', 'untracked', 'policy', 'when', 'fallback_keys', 'unprotect'])

const cacheKey = (reading: Reading): string | undefined => {
  const value = reading.get('key')
  if (isMapping(value)) return reading.wrong('key', 'of files is not supported; it should be a string')
  return reading.text('key') ?? 'default'
}

const oneCache = (reading: Reading): Entry => ({
  key: cacheKey(reading.only(cacheKeys)),
  untracked: reading.flag('untracked') ?? false,
  policy: reading.text('policy') ?? 'pull-push',
  paths: reading.texts('paths') ?? [],
  when: reading.word('when', whens) ?? 'on_success',
  fallback_keys: reading.texts('fallback_keys') ?? [],
})

export const readCaches = (parent: Reading): readonly Entry[] | undefined => {
  const value = parent.get('cache')
  if (value === undefined) return undefined
  const items = isList(value) ? value : [value]
  if (!items.every(isMapping) || items.length > 4)
    return parent.wrongEntry('cache', 'should be a hash, or a list of at most 4 of them')
  return items
    .filter((item) => item.size > 0)
    .map((item) => oneCache(new Reading(item, `${parent.place}:cache`, parent.findings)))
}

/** Name of a variable → audiences. */
export const readIdTokens = (parent: Reading): Readonly<Record<string, readonly string[]>> | undefined => {
  const reading = parent.mapping('id_tokens')
  if (reading === undefined) return undefined
  const tokens: [string, readonly string[]][] = []
  for (const name of reading.keys) {
    const token = reading.mapping(name)?.only(new Set(['aud']))
    const audiences = token?.textOrTexts('aud')
    if (!audiences?.every(isText) || audiences.length === 0) token?.wrong('aud', 'should be an array of strings or a string')
    else tokens.push([name, audiences])
  }
  return Object.fromEntries(tokens)
}

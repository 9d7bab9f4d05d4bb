/**
 * Holds the payload of a job against what gitlab-runner decodes (`common/spec/spec.go`), key by key, and stricter than it:
 * unknown keys are complained of too. Knows nothing of the server's own shapes.
 */
type Complaints = string[]
type Check = (value: unknown, place: string) => Complaints
type Fields = Readonly<Record<string, unknown>>

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value)

const isFields = (value: unknown): value is Fields => kindOf(value) === 'object'

const where = (fits: (value: unknown) => boolean, wanted: string): Check => {
  return (value, place) => (fits(value) ? [] : [`${place}: ${wanted} is wanted, not ${JSON.stringify(value) ?? 'nothing'}`])
}

const text = where((value) => typeof value === 'string', 'a text')
const filled = where((value) => typeof value === 'string' && value !== '', 'a text that is not empty')
const flag = where((value) => typeof value === 'boolean', 'true or false')
const whole = where((value) => Number.isSafeInteger(value), 'a whole number')
const counted = where((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0')
const positive = where((value) => Number.isSafeInteger(value) && Number(value) > 0, 'a whole number from 1')
const decimal = where((value) => typeof value === 'number' && value >= 0, 'a number from 0')
const matching = (pattern: RegExp, wanted: string): Check =>
  where((value) => typeof value === 'string' && pattern.test(value), wanted)
const oneOf = (...words: readonly string[]): Check =>
  where((value) => typeof value === 'string' && words.includes(value), `one of ${words.join(', ')}`)

const orNull =
  (check: Check): Check =>
  (value, place) =>
    value === null ? [] : check(value, place)

const list =
  (check: Check, least = 0): Check =>
  (value, place) => {
    if (!Array.isArray(value)) return [`${place}: a list is wanted, not ${kindOf(value)}`]
    const few = value.length < least ? [`${place}: at least ${least} are wanted`] : []
    return [...few, ...value.flatMap((one, at) => check(one, `${place}[${at}]`))]
  }

/** Exactly these keys; those of `optional` may be missing. */
const fields =
  (wanted: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, place) => {
    if (!isFields(value)) return [`${place}: an object is wanted, not ${kindOf(value)}`]
    const at = (key: string): string => (place === '' ? key : `${place}.${key}`)
    const missing = Object.keys(wanted).filter((key) => !Object.hasOwn(value, key))
    return [
      ...missing.map((key) => `${at(key)}: missing`),
      ...Object.entries(value).flatMap(([key, one]) => {
        const check = wanted[key] ?? optional[key]
        return check === undefined ? [`${at(key)}: no runner knows this key`] : check(one, at(key))
      }),
    ]
  }

const commit = matching(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a whole commit id')

const refspec = matching(
  /^\+?(?:refs\/pipelines\/\d+:refs\/pipelines\/\d+|refs\/heads\/([^:\s]+):refs\/remotes\/origin\/\1|refs\/tags\/([^:\s]+):refs\/tags\/\2|[0-9a-f]{40,64}:refs\/pipelines\/\d+)$/,
  'a refspec that names a pipeline, a branch or a tag',
)

const jobInfo = fields(
  {
    name: filled,
    stage: filled,
    pipeline_id: counted,
    project_id: positive,
    project_name: filled,
    project_full_path: filled,
    namespace_id: positive,
    root_namespace_id: positive,
    organization_id: positive,
    user_id: positive,
    time_in_queue_seconds: decimal,
    project_jobs_running_on_instance_runners_count: matching(/^(?:\d+\+?|\+Inf)$/, 'a number in words, or +Inf'),
    queue_size: counted,
    queue_depth: counted,
  },
  { scoped_user_id: orNull(positive), instance_id: text, instance_uuid: text },
)

const gitInfo = fields(
  {
    repo_url: matching(/^https?:\/\/gitlab-ci-token:[^@/]+@[^/@]+\/.+\.git$/, 'a URL with gitlab-ci-token and a token'),
    ref: filled,
    sha: commit,
    before_sha: commit,
    ref_type: oneOf('branch', 'tag'),
    refspecs: list(refspec, 1),
    depth: counted,
  },
  { repo_object_format: oneOf('', 'sha1', 'sha256'), protected: orNull(flag) },
)

const variable = fields({ key: filled, value: text, public: flag, masked: flag }, { file: flag, raw: flag })

const step = fields({
  name: oneOf('script', 'after_script', 'release'),
  script: list(text, 1),
  timeout: positive,
  when: oneOf('on_success', 'on_failure', 'always'),
  allow_failure: flag,
})

const container = {
  entrypoint: orNull(list(text)),
  ports: list(fields({ number: whole }, { protocol: text, name: text })),
  pull_policy: orNull(list(oneOf('always', 'if-not-present', 'never'))),
  executor_opts: fields({}, { docker: fields({}, { platform: text, user: text }), kubernetes: fields({}, { user: text }) }),
}

const image = fields({ name: filled }, container)

/** What the server knows of a service's variable; the rest is as for any that is given. */
const serviceVariable = fields({ key: filled, value: text }, { public: flag, masked: flag, file: flag, raw: flag })

const service = fields(
  { name: filled },
  { ...container, alias: orNull(text), command: orNull(list(text)), variables: list(serviceVariable) },
)

/** Types of artifacts with the formats in which a runner sends them. */
const formats: Readonly<Record<string, readonly string[]>> = {
  archive: ['zip', 'raw', 'tarzstd'],
  dotenv: ['gzip'],
  junit: ['gzip'],
  coverage_report: ['gzip'],
  cobertura: ['gzip'],
  metadata: ['gzip'],
  trace: ['raw'],
}

const pairOfFormat: Check = (value, place) => {
  if (!isFields(value)) return []
  const type = String(value['artifact_type'] ?? 'archive')
  const format = String(value['artifact_format'] ?? 'zip')
  const known = formats[type] ?? ['gzip', 'raw']
  return known.includes(format) ? [] : [`${place}.artifact_format: ${type} is not sent as ${format}`]
}

const artifactFields = fields(
  {
    when: oneOf('on_success', 'on_failure', 'always'),
    artifact_type: filled,
    artifact_format: oneOf('zip', 'gzip', 'raw', 'tarzstd'),
  },
  {
    name: orNull(text),
    untracked: flag,
    paths: list(filled),
    exclude: list(filled),
    expire_in: orNull(filled),
  },
)

const artifacts: Check = (value, place) => [...artifactFields(value, place), ...pairOfFormat(value, place)]

const cache = fields(
  { key: filled, policy: oneOf('pull-push', 'pull', 'push'), when: oneOf('on_success', 'on_failure', 'always') },
  { untracked: flag, paths: list(filled), fallback_keys: list(filled), unprotect: flag },
)

const credentials = fields({ type: oneOf('registry', 'dependency_proxy'), url: filled, username: filled, password: filled })

const dependency = fields(
  { id: positive, name: filled, token: filled },
  { artifacts_file: orNull(fields({ filename: filled, size: counted })) },
)

const features = fields({
  trace_sections: flag,
  token_mask_prefixes: list(filled),
  failure_reasons: (value, place) => [
    ...list(filled)(value, place),
    ...['unknown_failure', 'script_failure', 'runner_system_failure', 'job_execution_timeout']
      .filter((reason) => !(Array.isArray(value) && value.includes(reason)))
      .map((reason) => `${place}: ${reason} is missing, so that no runner would say it`),
  ],
})

const payload = fields(
  {
    id: positive,
    token: matching(/^glcbt-[A-Za-z0-9_-]{20,}$/, 'a job token'),
    allow_git_fetch: flag,
    job_info: jobInfo,
    git_info: gitInfo,
    runner_info: fields({ timeout: positive }, { runner_session_url: orNull(text), uuid: text }),
    variables: list(variable, 1),
    steps: list(step, 1),
    image: orNull(image),
    services: list(service),
    artifacts: orNull(list(artifacts)),
    cache: list(cache),
    credentials: list(credentials),
    dependencies: list(dependency),
    features,
  },
  {
    inputs: list(fields({ key: filled, value: fields({ content: () => [], type: filled }) })),
    secrets: fields({}),
    hooks: list(fields({ name: oneOf('pre_get_sources_script', 'post_get_sources_script'), script: list(text, 1) })),
    policy_options: orNull(() => []),
  },
)

const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (isFields(inner) ? inner[key] : undefined), value)

const variablesIn = (value: unknown): Fields[] => {
  const found = at(value, 'variables')
  return Array.isArray(found) ? found.filter(isFields) : []
}

/** What a script cannot do without, since no runner adds it. */
const neededVariables = [
  'CI',
  'CI_JOB_ID',
  'CI_JOB_TOKEN',
  'CI_SERVER_URL',
  'CI_SERVER_HOST',
  'CI_PROJECT_PATH',
  'CI_PROJECT_ID',
  'CI_REPOSITORY_URL',
  'CI_COMMIT_SHA',
  'CI_COMMIT_REF_NAME',
]

const missingVariables = (value: unknown): Complaints => {
  const keys = new Set(variablesIn(value).map(({ key }) => key))
  return neededVariables.filter((key) => !keys.has(key)).map((key) => `variables: ${key} is missing`)
}

/** The token stands where it has to, and in nothing that is shown. */
const shownToken = (value: unknown): Complaints => {
  const token = at(value, 'token')
  if (typeof token !== 'string' || token === '') return []
  return variablesIn(value)
    .filter((one) => String(one['value']).includes(token) && !(one['masked'] === true && one['public'] === false))
    .map(({ key }) => `variables: ${key} shows the token`)
}

/** The same fact in two places is the same. */
const disagreements = (value: unknown): Complaints => {
  const variables = new Map(variablesIn(value).map((one) => [one['key'], one['value']]))
  const pairs: readonly (readonly [string, unknown])[] = [
    ['CI_JOB_ID', at(value, 'id')],
    ['CI_JOB_TOKEN', at(value, 'token')],
    ['CI_REPOSITORY_URL', at(value, 'git_info', 'repo_url')],
    ['CI_PROJECT_PATH', at(value, 'job_info', 'project_full_path')],
    ['CI_PROJECT_ID', at(value, 'job_info', 'project_id')],
    ['CI_COMMIT_SHA', at(value, 'git_info', 'sha')],
    ['CI_COMMIT_REF_NAME', at(value, 'git_info', 'ref')],
  ]
  return pairs
    .filter(([key, other]) => variables.has(key) && variables.get(key) !== String(other))
    .map(([key]) => `variables: ${key} is not what the payload says elsewhere`)
}

const wrongAddress = (value: unknown): Complaints => {
  const [address, token] = [at(value, 'git_info', 'repo_url'), at(value, 'token')]
  return typeof address === 'string' && !address.includes(`gitlab-ci-token:${token}@`)
    ? ['git_info.repo_url: it does not hold the token of this job']
    : []
}

/** What is wrong with it, each in a line; nothing where a runner would take it. */
export const complaintsAbout = (value: unknown): readonly string[] => [
  ...payload(value, ''),
  ...missingVariables(value),
  ...shownToken(value),
  ...disagreements(value),
  ...wrongAddress(value),
]

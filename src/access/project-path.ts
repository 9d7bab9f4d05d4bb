/** GitLab's bound for one segment of a path, and for a whole one. */
const longestPath = 255

/** Words that stand first in the web's own addresses (gitlab `lib/gitlab/path_regex.rb`, `TOP_LEVEL_ROUTES`). */
const topLevelWords = new Set(
  (
    '- .well-known 404.html 422.html 500.html 502.html 503.html admin api apple-touch-icon-precomposed.png apple-touch-icon.png ' +
    'assets dashboard deploy.html explore favicon.ico favicon.png files groups health_check help import jwt login o oauth ' +
    'organizations profile projects public robots.txt s search sitemap sitemap.xml sitemap.xml.gz slash-command-logo.png ' +
    'snippets unsubscribes uploads users v2'
  ).split(' '),
)

/** Words that follow a project's path in the web's addresses (`PROJECT_WILDCARD_ROUTES`); no group or project is called so. */
const innerWords = new Set(
  (
    '- badges blame blob builds commits create create_dir edit environments/folders files find_file gitlab-lfs/objects ' +
    'info/lfs/objects new preview raw refs tree update wikis'
  ).split(' '),
)

/** Letters and digits, with one of `.`, `_`, `-` between them (gitlab `Gitlab::Regex.oci_repository_path_regex`). */
const goodSegment = /^[a-zA-Z0-9]+(?:[._-][a-zA-Z0-9]+)*$/

const formText =
  "can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', nor end with '-', '_', '.', '.git', or '.atom'."

/** Also what GitLab puts behind a project's path to name its other repositories, of which there are none here. */
const endsLikeFile = (segment: string): boolean => /\.(?:git|atom|wiki|design)$/i.test(segment)

const problemOf = (segment: string, reserved: ReadonlySet<string>): string | undefined => {
  if (segment === '') return "can't be blank"
  if (segment.length > longestPath) return `is too long (maximum is ${longestPath} characters)`
  if (!goodSegment.test(segment) || endsLikeFile(segment)) return formText
  return reserved.has(segment.toLowerCase()) ? `${segment} is a reserved name` : undefined
}

/** What is wrong with a project's `path`, as GitLab's validation of that field says it. */
export const projectPathProblem = (path: string): string | undefined => problemOf(path, innerWords)

/** What users and groups may be called (gitlab `lib/gitlab/path_regex.rb`, `NAMESPACE_FORMAT_REGEX`). */
export const namespaceForm = /^(?:[a-zA-Z0-9_.][a-zA-Z0-9_.-]*[a-zA-Z0-9_-]|[a-zA-Z0-9_])$/
export const namespaceFormText =
  "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'."

/**
 * The same for a group, whose path GitLab checks twice: so there may be two messages. A group on top must not stand in the
 * way of the web's own addresses.
 */
export const groupPathProblems = (path: string, isTopLevel: boolean): readonly string[] => {
  const problem = problemOf(path, isTopLevel ? topLevelWords : innerWords)
  if (problem === undefined) return []
  const fitsNamespaces = problem !== formText || (namespaceForm.test(path) && !endsLikeFile(path))
  return fitsNamespaces ? [problem] : [problem, namespaceFormText]
}

/** Whether a user or group on top may not have this path, whatever its form. */
export const isReservedOnTop = (path: string): boolean => topLevelWords.has(path.toLowerCase())

/** What is wrong with a project's path, as a whole sentence. */
export const checkProjectPath = (path: string): string | undefined => {
  const problem = projectPathProblem(path)
  return problem === undefined ? undefined : `Path ${problem}`
}

/** Gitlab's `project_name_regex`. */
const goodProjectName = /^[\p{L}\p{N}\u{a9}-\u{1f9ff}_][\p{L}\p{N}\p{M}\p{Pd}+\u{a9}-\u{1f9ff}_. ]*$/u
const goodGroupName = /^[\p{L}\p{N}\u{a9}-\u{1f9ff}_][\p{L}\p{N}\p{M}\p{Pd}\u{a9}-\u{1f9ff}_(). ]*$/u

const nameProblem = (name: string, good: RegExp, text: string): string | undefined => {
  if (name.trim() === '') return "can't be blank"
  if (name.length > longestPath) return `is too long (maximum is ${longestPath} characters)`
  return good.test(name) ? undefined : text
}

/** What is wrong with a project's display name. */
export const projectNameProblem = (name: string): string | undefined =>
  nameProblem(
    name,
    goodProjectName,
    "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.",
  )

/** What is wrong with a group's display name. */
export const groupNameProblem = (name: string): string | undefined =>
  nameProblem(
    name,
    goodGroupName,
    "can contain only letters, digits, emoji, '_', '.', dash, space, parenthesis. It must start with letter, digit, emoji or '_'.",
  )

const segmentForm = /^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/

/**
 * A project's full path in its two parts: `group/sub/project` → `group/sub` and `project`. Undefined where it cannot be
 * the path of a project at all (gitlab `full_project_git_path_regex`); whether the last part is a good name is another
 * question (`checkProjectPath`).
 */
export const splitPath = (text: string): { readonly namespace: string; readonly path: string } | undefined => {
  if (text.length > longestPath) return undefined
  const segments = text.split('/')
  const path = segments.pop() ?? ''
  const fits = segments.length > 0 && [...segments, path].every((segment) => segmentForm.test(segment) && !endsLikeFile(segment))
  return fits ? { namespace: segments.join('/'), path } : undefined
}

/** The path that is made of a name when none is given, as Rails' `parameterize` does: `Möbel & Co.` → `mobel-co`. */
export const pathFromName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-zA-Z0-9_-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase()

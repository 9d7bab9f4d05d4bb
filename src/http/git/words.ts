import type { IncomingHttpHeaders } from 'node:http'
import type { Headers } from '../plain-text.ts'
import { decodeSegments, isUnusable, type Target, type Unusable } from '../target.ts'

/** A request of git's Smart HTTP protocol in the field's words. */
export interface GitWords {
  readonly kind: 'git'
  readonly service: 'upload-pack' | 'receive-pack'
  readonly phase: 'advertise' | 'rpc'
  /** The project's path without `.git`. */
  readonly path: string
  /** The client's wish for a protocol version, checked for form. */
  readonly protocol: string | undefined
  readonly compressed: boolean
}

/** `info/refs` for a service that is none of ours: who asks decides between 401 and 403. */
export interface UnknownCommand {
  readonly kind: 'unknown-command'
  readonly path: string
}

/** What the door answers by itself, with nobody asked. */
export interface DoorAnswer extends Unusable {
  readonly kind: 'answer'
  readonly headers: Headers
}

export type Words = GitWords | UnknownCommand | DoorAnswer

interface Asked {
  readonly method: string
  readonly target: Target
  readonly headers: IncomingHttpHeaders
  /** The project's path without `.git`. */
  readonly path: string
}

const answer = (status: number, reason: string, text: string, headers: Headers = {}): DoorAnswer => ({
  kind: 'answer',
  status,
  reason,
  text,
  headers,
})

const notFound = answer(
  404,
  'path_unknown',
  "The project you were looking for could not be found or you don't have permission to view it.",
)

const wrongMethod = (allowed: string): DoorAnswer =>
  answer(405, 'method_not_allowed', `This address takes ${allowed} only.`, { Allow: allowed })

const protocolShape = /^[A-Za-z0-9=:.,_-]{1,256}$/

const protocolOf = (headers: IncomingHttpHeaders): string | undefined => {
  const wish = headers['git-protocol']
  return typeof wish === 'string' && protocolShape.test(wish) ? wish : undefined
}

const services: Readonly<Record<string, GitWords['service']>> = {
  'git-upload-pack': 'upload-pack',
  'git-receive-pack': 'receive-pack',
}

const serviceNamed = (name: string | undefined): GitWords['service'] | undefined =>
  name !== undefined && Object.hasOwn(services, name) ? services[name] : undefined

/** How GitLab answers `info/refs`: HEAD is refused without a word. */
const infoRefs = ({ method, target, headers, path }: Asked): Words => {
  if (method === 'HEAD') return answer(403, 'method_not_allowed', '')
  if (method !== 'GET') return wrongMethod('GET')
  const names = new URLSearchParams(target.query).getAll('service')
  const service = names.length === 1 ? serviceNamed(names[0]) : undefined
  if (service === undefined) return { kind: 'unknown-command', path }
  return { kind: 'git', service, phase: 'advertise', path, protocol: protocolOf(headers), compressed: false }
}

/** Whether a body is compressed; undefined for an encoding that we do not read. */
const isCompressed = (encoding: string | undefined): boolean | undefined => {
  const name = encoding?.trim().toLowerCase() ?? 'identity'
  if (name === 'identity') return false
  return name === 'gzip' || name === 'x-gzip' ? true : undefined
}

const rpc = (service: GitWords['service']) => {
  const type = `application/x-git-${service}-request`
  return ({ method, headers, path }: Asked): Words => {
    if (method !== 'POST') return wrongMethod('POST')
    if (headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== type) {
      return answer(415, 'content_type_wrong', `The Content-Type must be ${type}.`)
    }
    const compressed = isCompressed(headers['content-encoding'])
    if (compressed === undefined) return answer(415, 'content_encoding_unknown', 'The Content-Encoding must be gzip or none.')
    return { kind: 'git', service, phase: 'rpc', path, protocol: protocolOf(headers), compressed }
  }
}

const endpoints: Readonly<Record<string, (asked: Asked) => Words>> = {
  'info/refs': infoRefs,
  'git-upload-pack': rpc('upload-pack'),
  'git-receive-pack': rpc('receive-pack'),
}

const isDumb = (endpoint: string): boolean => endpoint === 'HEAD' || endpoint.startsWith('objects/')

const insideRepository = (endpoint: string, asked: Asked): Words => {
  if (Object.hasOwn(endpoints, endpoint)) return endpoints[endpoint]?.(asked) ?? notFound
  return isDumb(endpoint) ? answer(403, 'dumb_protocol', 'Git over HTTP works with the smart protocol only.') : notFound
}

/** GitLab redirects a clone without `.git`, for exactly these queries; any other is a page for a person. */
const redirectedQueries = new Set(['', 'service=git-upload-pack', 'service=git-receive-pack'])

const withoutSuffix = (path: readonly string[], { method, target }: Pick<Asked, 'method' | 'target'>): Words => {
  if (path.length < 2 || (method !== 'GET' && method !== 'HEAD')) return notFound
  if (!redirectedQueries.has(target.query)) return answer(302, 'page_without_login', '', { Location: '/users/sign_in' })
  const query = target.query === '' ? '' : `?${target.query}`
  // Relative, so that it also holds behind a proxy that serves us below a path of its own.
  return answer(301, 'suffix_missing', '', { Location: `../../${path.at(-1)}.git/info/refs${query}` })
}

/** The characters of GitLab's paths; nothing else can name a project, so nobody is asked about it (`...git` is no `..`). */
const isName = (segment: string): boolean => /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}$/.test(segment) && !/^\.+$/.test(segment)

/** Where the addresses of the API, of OAuth, of signing in and of the server itself begin: never a project. */
const reserved = new Set(['api', 'oauth', 'jwt', 'users', '.well-known', '-'])

export const isReserved = ({ path }: Target): boolean => reserved.has(path.split('/', 2)[1] ?? '')

const inRepository = (segments: readonly string[], suffixAt: number, asked: Omit<Asked, 'path'>): Words | undefined => {
  const names = segments.slice(0, suffixAt + 1)
  const project = [...names.slice(0, -1), names.at(-1)?.slice(0, -'.git'.length) ?? '']
  const endpoint = segments.slice(suffixAt + 1).join('/')
  if (endpoint === '') return undefined
  return project.every(isName) ? insideRepository(endpoint, { ...asked, path: project.join('/') }) : notFound
}

const inPage = (segments: readonly string[], asked: Omit<Asked, 'path'>): Words | undefined => {
  const project = segments.slice(0, -2)
  if (segments.slice(-2).join('/') === 'info/refs') return project.every(isName) ? withoutSuffix(project, asked) : notFound
  return serviceNamed(segments.at(-1)) === undefined ? undefined : notFound
}

/** Reads a request as one to the git door; undefined where it is for somebody else. */
export const gitWords = (method: string, target: Target, headers: IncomingHttpHeaders): Words | undefined => {
  if (isReserved(target)) return undefined
  const segments = decodeSegments(target.path)
  if (isUnusable(segments)) return { kind: 'answer', ...segments, headers: {} }
  const suffixAt = segments.findIndex((segment) => segment.endsWith('.git'))
  const asked = { method, target, headers }
  return suffixAt < 0 ? inPage(segments, asked) : inRepository(segments, suffixAt, asked)
}

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './processes.ts'
import { authorizationOf, type Credentials } from './server.ts'

/** A request that is sent over and over. */
export interface Request {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** With a body it is a POST. */
  readonly body?: string
  /** A file with a line for each value of `Authorization` that is to be sent in turn. */
  readonly authorizations?: string
}

const connections = 8

const inTurn = (file: string | undefined): string[] => {
  if (file === undefined) return []
  return [
    'local list, at = {}, 0',
    `for line in io.lines(${JSON.stringify(file)}) do list[#list + 1] = line end`,
    'function request()',
    '  at = at % #list + 1',
    '  wrk.headers["Authorization"] = list[at]',
    '  return wrk.format()',
    'end',
  ]
}

/** What wrk is to send, and what it is to tell. The credential stands here, not in the process list. */
const script = ({ headers, body, authorizations }: Request): string => {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  const post = body === undefined ? [] : ['wrk.method = "POST"', `wrk.body = ${JSON.stringify(body)}`]
  return `${[...lines, ...post, ...inTurn(authorizations)].join('\n')}
function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("requests=%d microseconds=%d failed=%d\\n", summary.requests, summary.duration, failed))
end
`
}

/** Requests per second over eight kept connections. Rejects where one fails. */
export const rateOf = async (directory: string, seconds: number, request: Request): Promise<number> => {
  const file = join(directory, 'request.lua')
  await writeFile(file, script(request), { mode: 0o600 })
  const output = await run('wrk', ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', file, request.url])
  await rm(file)
  const [, requests, microseconds, failed] = /requests=(\d+) microseconds=(\d+) failed=(\d+)/.exec(output) ?? []
  if (failed !== '0') throw new Error(`${failed} of ${requests} requests to ${request.url} failed`)
  return (Number(requests) * 1e6) / Number(microseconds)
}

const packet = (text: string): string => `${(text.length + 5).toString(16).padStart(4, '0')}${text}\n`

const command = (name: string, arguments_: readonly string[]): string =>
  `${[`command=${name}`, 'agent=bench', 'object-format=sha1'].map(packet).join('')}0001${arguments_.map(packet).join('')}0000`

const uploadPackHeaders = (credentials: Credentials): Record<string, string> => ({
  Authorization: authorizationOf(credentials),
  'Content-Type': 'application/x-git-upload-pack-request',
  'Git-Protocol': 'version=2',
})

/** The advertisement of protocol v0, with every ref. */
export const infoRefs = (url: string, credentials: Credentials): Request => ({
  url: `${url}/info/refs?service=git-upload-pack`,
  headers: { Authorization: authorizationOf(credentials) },
})

/** What a clone by protocol v2 asks about refs. */
export const lsRefs = (url: string, credentials: Credentials): Request => ({
  url: `${url}/git-upload-pack`,
  headers: uploadPackHeaders(credentials),
  body: command('ls-refs', ['peel', 'symrefs', 'ref-prefix HEAD', 'ref-prefix refs/heads/', 'ref-prefix refs/tags/']),
})

/** What a fetch of one branch by protocol v2 asks about refs, where no other one begins with its name. */
export const lsRefsBelow =
  (ref: string) =>
  (url: string, credentials: Credentials): Request => ({
    url: `${url}/git-upload-pack`,
    headers: uploadPackHeaders(credentials),
    body: command('ls-refs', ['peel', 'symrefs', `ref-prefix ${ref}`]),
  })

/** The words of a full fetch by protocol v2 of all these objects. */
export const fetchWords = (wanted: readonly string[]): string =>
  command('fetch', ['ofs-delta', 'no-progress', ...wanted.map((id) => `want ${id}`), 'done'])

/** A full fetch over HTTP. */
export const fullFetch = (url: string, credentials: Credentials, wanted: readonly string[]): Request => ({
  url: `${url}/git-upload-pack`,
  headers: uploadPackHeaders(credentials),
  body: fetchWords(wanted),
})

/**
 * Prepares a request whose answer is thrown away, by a client that costs next to nothing: one curl for any number of
 * connections. Each call sends it so often at the same time and resolves to the length of one answer in bytes.
 */
export const prepareDownload = async (
  directory: string,
  { url, headers, body = '' }: Request,
): Promise<(count: number) => Promise<number>> => {
  const [configuration, bodyFile] = [join(directory, 'curl'), join(directory, 'curl-body')]
  const lines = Object.entries(headers).map(([name, value]) => `header = "${name}: ${value}"`)
  await writeFile(configuration, `${lines.join('\n')}\nheader = "Expect:"\n`, { mode: 0o600 })
  await writeFile(bodyFile, body)
  const flags = ['--silent', '--parallel', '--parallel-immediate', '--config', configuration, '--data-binary', `@${bodyFile}`]
  return async (count) => {
    const places = Array.from({ length: count }, () => ['--output', '/dev/null', url]).flat()
    const limits = ['--parallel-max', String(count), '--write-out', '%{http_code} %{size_download}\n']
    const answers = (await run('curl', [...flags, ...limits, ...places])).trim().split('\n')
    return lengthOfEach(url, count, answers)
  }
}

/** Every answer must be there and whole; git does not cut the same pack into the same pieces each time. */
const lengthOfEach = (url: string, count: number, answers: readonly string[]): number => {
  const lengths = answers.flatMap((answer) => (answer.startsWith('200 ') ? [Number(answer.slice(4))] : []))
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)]
  if (lengths.length === count && least > most * 0.99) return most
  throw new Error(`${url} was asked ${count} times and answered: ${[...new Set(answers)].slice(0, 5).join(', ')}`)
}

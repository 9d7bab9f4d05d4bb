import { atLeast } from '../goal.ts'
import { infoRefs, lsRefs, type Request, rateOf } from '../load.ts'
import { type Contender, type Row, sideBySide } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Credentials } from '../server.ts'

type MakeRequest = (url: string, credentials: Credentials) => Request

const countRefs = async ({ url, headers, body }: Request): Promise<number> => {
  const response = await fetch(url, { method: body === undefined ? 'GET' : 'POST', headers, ...(body !== undefined && { body }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return text.match(/[0-9a-f]{40} refs\/[^\s^]+\s/g)?.length ?? 0
}

/** Both must tell the same refs, or the comparison would mean nothing; returns how many. */
export const assertSame = async (one: Request, other: Request): Promise<number> => {
  const [refs, others] = [await countRefs(one), await countRefs(other)]
  if (refs === 0 || refs !== others) throw new Error(`${one.url} tells ${refs} refs and ${other.url} ${others}`)
  return refs
}

const measure = async (scene: Scene, name: string, repository: string, make: MakeRequest): Promise<Row> => {
  const { client, nginx, sallyport, directory, options } = scene
  const of = (url: string): Request => make(url, client.credentials)
  const [theirs, ours] = [of(nginx.url(repository)), of(sallyport.http.url(repository))]
  const refs = (await assertSame(theirs, ours)).toLocaleString('en-US')
  progress(`requests: ${name}, ${refs} refs`)
  const contender = (request: Request): Contender => ({
    measure: () => rateOf(directory, options.quick ? 1 : 4, request),
  })
  const figures = await sideBySide('requests/s', options.quick ? 1 : 3, contender(theirs), contender(ours))
  return { work: `${name}, ${refs} refs, 8 connections`, against: 'nginx + git-http-backend', goal: atLeast(12), ...figures }
}

/** How many questions about refs are answered in a second, each with its credential checked. */
export const requests = async (scene: Scene): Promise<Row[]> => {
  const rows: Row[] = []
  for (const repository of ['small', 'medium']) {
    rows.push(await measure(scene, 'v0 `info/refs`', repository, infoRefs))
    rows.push(await measure(scene, 'v2 `ls-refs`', repository, lsRefs))
  }
  return rows
}

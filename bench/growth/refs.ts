import type { Curve } from '../curve.ts'
import { assertSame } from '../groups/requests.ts'
import { infoRefs, lsRefsBelow, type Request, rateOf } from '../load.ts'
import { timed } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Credentials, Host } from '../server.ts'
import { giveRefs } from './give-refs.ts'
import { type Growing, grow } from './grow.ts'

const repositoryOf = (count: number): string => `refs-${count}`

/** The history of the small repository, with so many refs. */
const makeWithRefs = async ({ client, source }: Scene, host: Host, count: number): Promise<void> => {
  const place = await host.create(repositoryOf(count))
  const url = host.url(repositoryOf(count))
  await client.remember(url)
  await client.git(['-C', source('small'), 'push', '-q', '--', url, 'refs/heads/main'])
  await giveRefs(place, count)
}

const assertRefs = async ({ client, nginx, sallyport }: Scene, count: number): Promise<void> => {
  const of = (host: Host): Request => infoRefs(host.url(repositoryOf(count)), client.credentials)
  const refs = await assertSame(of(nginx), of(sallyport.http))
  if (refs !== count) throw new Error(`${refs} refs are told, not ${count}`)
}

/** How often a question is answered in a second. */
const rate = (scene: Scene, name: string, make: (url: string, credentials: Credentials) => Request): Growing => ({
  name,
  unit: 'requests/s',
  runs: scene.options.quick ? 1 : 3,
  rehearsals: 1,
  contender: (host, count) => ({
    measure: () =>
      rateOf(scene.directory, scene.options.quick ? 1 : 2, make(host.url(repositoryOf(count)), scene.client.credentials)),
  }),
})

const listing = ({ client, options }: Scene): Growing => ({
  name: 'git ls-remote',
  unit: 'ms',
  runs: options.quick ? 1 : 5,
  rehearsals: 1,
  contender: (host, count) => ({ measure: () => timed(() => client.listRemote(host.url(repositoryOf(count)))) }),
})

/** What questions about refs cost as there are more of them. */
export const growthOfRefs = async (scene: Scene): Promise<Curve[]> => {
  const places = scene.options.quick ? [10, 1_000] : [10, 100, 1_000, 10_000, 100_000]
  for (const count of places) {
    progress(`scale: making repositories of ${count} refs`)
    for (const host of [scene.nginx, scene.sallyport.http]) await makeWithRefs(scene, host, count)
    await assertRefs(scene, count)
  }
  const all = await grow(scene, places, rate(scene, 'all refs', infoRefs))
  const one = await grow(scene, places, rate(scene, 'one branch', lsRefsBelow('refs/heads/main')))
  const listed = await grow(scene, places, listing(scene))
  const shared = { across: 'refs in the repository', logarithmic: true } as const
  return [
    {
      ...shared,
      name: 'refs',
      title: 'Questions answered in a second: all refs (info/refs), and one branch (ls-refs)',
      up: 'requests per second, 8 connections',
      unit: 'requests/s',
      series: [...one, ...all],
    },
    { ...shared, name: 'ls-remote', title: 'Time of git ls-remote over HTTP', up: 'time', unit: 'ms', series: listed },
  ]
}

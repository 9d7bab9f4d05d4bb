import type { Curve } from '../curve.ts'
import { packs } from '../groups/fetches.ts'
import type { Scene } from '../scene.ts'
import { grow } from './grow.ts'

/** How long it takes until the last one of so many has its full fetch; the first one came after a push. */
export const growthOfClients = async (scene: Scene): Promise<Curve[]> => {
  const places = scene.options.quick ? [1, 8] : [1, 2, 5, 10, 20, 50, 100, 200]
  const series = await grow(scene, places, {
    name: 'full fetch',
    unit: 'ms',
    runs: 1,
    rehearsals: 0,
    contender: (host, count) => packs(scene, count, true)(host),
  })
  return [
    {
      name: 'clients',
      title: 'Time until the last of many clients has the whole repository, cold',
      across: 'clients at once',
      up: 'time',
      unit: 'ms',
      logarithmic: true,
      series,
    },
  ]
}

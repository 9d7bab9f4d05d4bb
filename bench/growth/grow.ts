import type { Point, Series } from '../curve.ts'
import { type Contender, figure, repeated, sideBySide, type Unit } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Host } from '../server.ts'

export interface Growing {
  readonly name: string
  readonly unit: Unit
  readonly runs: number
  /** How often each does it before the runs that count. */
  readonly rehearsals: number
  readonly contender: (host: Host, x: number) => Contender
}

/** Measures the peer and Sallyport, in turn, at each place on the axis. */
export const grow = async (scene: Scene, places: readonly number[], growing: Growing): Promise<Series[]> => {
  const points: { peer: Point[]; sallyport: Point[] } = { peer: [], sallyport: [] }
  const { name, unit, runs, rehearsals, contender } = growing
  for (const x of places) {
    progress(`scale: ${name}, ${x}`)
    const [theirs, ours] = [contender(scene.nginx, x), contender(scene.sallyport.http, x)]
    const measured = await sideBySide(unit, runs, theirs, ours, rehearsals)
    points.peer.push({ x, figure: measured.peer })
    points.sallyport.push({ x, figure: measured.sallyport })
  }
  return [
    { name: `${name}, Sallyport`, of: 'sallyport', points: points.sallyport },
    { name: `${name}, nginx`, of: 'peer', points: points.peer },
  ]
}

/** Measures Sallyport alone, as it is at that place on the axis. */
export const pointAt = async (x: number, unit: Unit, runs: number, measure: () => Promise<number>): Promise<Point> => {
  await measure()
  return { x, figure: figure(unit, await repeated(runs, measure)) }
}

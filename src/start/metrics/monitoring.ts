import type { Metrics } from '../../core/metrics.ts'
import { Figures } from './figures.ts'
import { followProcess } from './follow-process.ts'
import { addUp } from './sums.ts'
import { prometheusText } from './text.ts'

/** Where the parts of a process tell their figures, and where the figures of the whole server are to be had. */
export interface Monitoring {
  readonly metrics: Metrics
  /** For Prometheus; undefined where they cannot be had now. */
  readonly text: () => Promise<string | undefined>
}

/** Of a server that is one process. */
export const monitorAlone = (): Monitoring => {
  const figures = new Figures()
  followProcess(figures)
  figures.follow('workers', {}, () => 1)
  return { metrics: figures, text: () => prometheusText(addUp([{ worker: '1', figures: figures.snapshot() }])) }
}

import type { Metrics } from '../../core/metrics.ts'

/** What a process knows of itself. */
export const followProcess = (metrics: Metrics): void => {
  const started = Math.round(Date.now() / 1000 - process.uptime())
  metrics.follow('started', {}, () => started)
  metrics.follow('memory', {}, () => process.memoryUsage.rss())
  metrics.follow('processorSeconds', {}, () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.follow('loopSeconds', {}, () => performance.eventLoopUtilization().active / 1000)
}

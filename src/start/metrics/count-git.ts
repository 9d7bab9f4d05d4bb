import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Metrics } from '../../core/metrics.ts'
import { goneChannel, type SpawnMessage, spawnChannel } from '../../git/process.ts'

const serviceIn = (message: unknown): string =>
  typeof message === 'object' && message !== null && 'service' in message
    ? (message as SpawnMessage).service.replaceAll('-', '_')
    : 'other'

/** Counts the processes of git that this process starts. Returns how to end it. */
export const countGit = (metrics: Metrics): (() => void) => {
  const running = new Map<string, number>()
  const change = (service: string, by: 1 | -1): void => {
    if (!running.has(service)) metrics.follow('gitRunning', { service }, () => running.get(service) ?? 0)
    running.set(service, (running.get(service) ?? 0) + by)
  }
  const onSpawn = (message: unknown): void => {
    metrics.add('gitStarted', { service: serviceIn(message) })
    change(serviceIn(message), 1)
  }
  const onGone = (message: unknown): void => change(serviceIn(message), -1)
  subscribe(spawnChannel, onSpawn)
  subscribe(goneChannel, onGone)
  return () => {
    unsubscribe(spawnChannel, onSpawn)
    unsubscribe(goneChannel, onGone)
  }
}

import type { MaintenanceEvent, Size } from '../git/maintenance/events.ts'
import { TaskFailed } from '../git/maintenance/run-task.ts'

const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes as people say them. */
export const bytesInWords = (bytes: number): string => {
  let [value, unit]: [number, string] = [bytes, 'bytes']
  for (const next of units) if (value >= 1024) [value, unit] = [value / 1024, next]
  return unit === 'bytes' ? `${value} bytes` : `${value.toFixed(1)} ${unit}`
}

const sizeInWords = ({ packs, bytes }: Size): string => `${packs} ${packs === 1 ? 'pack' : 'packs'}, ${bytesInWords(bytes)}`

const waitingInWords = (waiting: Size): string =>
  waiting.packs === 0 ? '' : `; of these ${sizeInWords(waiting)} go in an hour, when no fetch needs them any more`

const whyInWords = (fault: unknown): string => {
  if (fault instanceof TaskFailed) return `git could not do it (${fault.message})`
  return fault instanceof Error ? fault.message : String(fault)
}

/** One line for a person. `name` is the project's path. */
export const eventInWords = (name: string, event: MaintenanceEvent): string => {
  switch (event.kind) {
    case 'begun':
      return `${name}: ${sizeInWords(event.before)}`
    case 'step':
      return `${name}: ${event.step} took ${event.seconds.toFixed(1)} s`
    case 'ended':
      return `${name}: ${sizeInWords(event.before)} -> ${sizeInWords(event.after)} in ${event.seconds.toFixed(1)} s${waitingInWords(event.waiting)}`
    case 'failed':
      return `${name}: ${whyInWords(event.fault)}`
  }
}

/** One line of JSON. */
export const eventInJson = (project: string, event: MaintenanceEvent): string => {
  const told = event.kind === 'failed' ? { ...event, fault: whyInWords(event.fault) } : event
  return JSON.stringify({ project, ...told })
}

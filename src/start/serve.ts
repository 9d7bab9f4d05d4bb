import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Settings } from '../config.ts'
import { serveAlone } from './alone.ts'
import { servePrimary } from './primary.ts'
import { serveWorker } from './worker.ts'

/** Serves until told to stop; resolves with the exit code. */
export const serve = (settings: Settings): Promise<number> => {
  if (cluster.isWorker) return serveWorker(settings)
  const workers = settings.workers ?? availableParallelism()
  return workers === 1 ? serveAlone(settings) : servePrimary(settings, workers)
}

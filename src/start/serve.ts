import cluster from 'node:cluster'
import type { Settings } from '../config.ts'
import { keepMemoryFromDumps } from './core-dumps.ts'
import { workersOf } from './workers.ts'

/** Serves until told to stop; resolves with the exit code. Each kind of process loads its own code alone: that is most of the start. */
export const serve = async (settings: Settings): Promise<number> => {
  // What the home holds is for this user alone, and so is what git writes there.
  process.umask(0o077)
  keepMemoryFromDumps()
  if (cluster.isWorker) return (await import('./worker.ts')).serveWorker(settings)
  const workers = workersOf(settings)
  if (workers === 1) return (await import('./alone.ts')).serveAlone(settings)
  return (await import('./primary.ts')).servePrimary(settings, workers)
}

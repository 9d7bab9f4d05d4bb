import { setTimeout as pause } from 'node:timers/promises'
import { inHome, type Settings } from '../config.ts'
import { type FileLock, tryLock } from '../store/file-lock.ts'
import { Refused } from './refused.ts'

/** How often the lock is tried that another process holds, in milliseconds. */
const tryEvery = 200

/** While it is held, nobody else packs or prunes repositories of this home. Throws `Refused` where the signal ends the waiting. */
export const takeMaintenanceLock = async (settings: Settings, signal: AbortSignal): Promise<FileLock> => {
  for (let isTold = false; !signal.aborted; isTold = true) {
    const lock = tryLock(inHome(settings, 'maintenance.lock'))
    if (lock !== undefined) return lock
    if (!isTold) console.error('sallyport: the server looks after a repository; this waits until it is done')
    await pause(tryEvery, undefined, { signal }).catch(() => {})
  }
  throw new Refused('stopped')
}

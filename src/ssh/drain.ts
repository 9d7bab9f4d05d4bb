import type { Readable } from 'node:stream'

export interface DrainLimits {
  readonly bytes: number
  /** For all of it, in milliseconds. */
  readonly time: number
  /** A pause that counts as the end, in milliseconds. */
  readonly quiet: number
}

/**
 * Reads a pack that nobody wants. Git closes its side behind the pack, other clients wait for the answer with the
 * channel open: for them a pause counts as the end. To answer sooner would break off git's sending with an error that
 * hides the answer; but whoever sends without end is not read without end.
 * @returns whether it came to its end within the limits, and before the signal
 */
export const drain = (input: Readable, limits: DrainLimits, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    let size = 0
    const stop = (isWhole: boolean): void => {
      clearTimeout(pause)
      clearTimeout(late)
      signal.removeEventListener('abort', cut)
      input.off('data', count)
      input.pause()
      resolve(isWhole)
    }
    const cut = (): void => stop(false)
    const end = (): void => stop(true)
    const count = (chunk: Buffer): void => {
      size += chunk.length
      pause.refresh()
      if (size > limits.bytes) cut()
    }
    const pause = setTimeout(end, limits.quiet)
    const late = setTimeout(cut, limits.time)
    signal.addEventListener('abort', cut)
    for (const event of ['end', 'error', 'close'] as const) input.once(event, end)
    input.on('data', count)
    if (signal.aborted) cut()
    else if (input.readableEnded || input.destroyed) end()
  })

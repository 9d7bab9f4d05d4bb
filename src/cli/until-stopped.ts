/** Aborts when the command is told to stop. */
export const untilStopped = (): AbortSignal => {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error('stopped')))
  return stop.signal
}

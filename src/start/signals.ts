/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once. */
export const whenToldToStop = (): Promise<void> =>
  new Promise((resolve) => {
    let told = false
    const stop = (): void => {
      if (told) process.exit(1)
      told = true
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })

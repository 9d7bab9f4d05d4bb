import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/slow-keys.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than the two cores that are counted on: journeys wait for git and for servers.
    maxWorkers: 3,
    // Files of one worker load the sources once, which was a fifth of the time. No module keeps a state that tests change.
    isolate: false,
  },
})

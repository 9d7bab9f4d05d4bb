import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than the two cores that are counted on: journeys wait for git and for servers.
    maxWorkers: 3,
  },
})

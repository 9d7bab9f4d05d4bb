import { defineConfig } from 'vitest/config'

/** What is too long for `npm test`: huge repositories, many kills. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.long.ts'],
    globalSetup: ['test/support/slow-keys.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
  },
})

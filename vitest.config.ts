import { defineConfig } from 'vitest/config';

// vitest reads its configuration from a default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/app/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});

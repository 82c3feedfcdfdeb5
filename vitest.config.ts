import { defineConfig } from 'vitest/config';

// vitest reads its configuration from a default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/app/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // More than cores: most of the time is spent waiting for pcscd, which looks for keys every 400 ms, and for other programs.
    maxWorkers: 3,
  },
});

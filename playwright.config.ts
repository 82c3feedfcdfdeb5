import { defineConfig } from '@playwright/test';

// Playwright reads its configuration from a default export.
export default defineConfig({
  testDir: 'test/app',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/app/take-build.ts',
  outputDir: '.build/test-results/app',
  // Windows share one display and the smart card daemons of the run: one after the other, and a failure is a failure.
  workers: 1,
  retries: 0,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
});

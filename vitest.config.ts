import { defineConfig } from 'vitest/config'
import { builtFiles, builtSources } from './tests/setup/built-sources.ts'
import { LongestFirst } from './tests/setup/longest-first.ts'
import { testProcesses } from './tests/setup/test-processes.ts'

export default defineConfig({
  plugins: [builtSources()],
  test: {
    server: { deps: { external: [builtFiles] } },
    include: ['tests/**/*.test.{ts,tsx}'],
    globalSetup: ['tests/setup/global.ts'],
    // Native modules (sharp, Temporal's core) and real signals: a process per file, not a thread.
    pool: 'forks',
    // Modules are imported once a process: they keep no state, and importing them 100 times takes a fifth of the time.
    isolate: false,
    maxWorkers: testProcesses,
    // Real servers on machines of two cores: what takes 1 s alone may take 10 s beside others.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 100 } },
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    sequence: { hooks: 'stack', sequencer: LongestFirst },
    restoreMocks: true,
    unstubEnvs: true,
  },
})

/** A vitest reporter that counts tests, for the last line of `npm test`. */
import { writeFileSync } from 'node:fs'

export default class Tally {
  onTestRunEnd(modules, unhandledErrors) {
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      // A file that fails to load has no tests that could fail.
      tally.failed += module.errors().length
      for (const suite of module.children.allSuites()) tally.failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        tally[state === 'passed' || state === 'failed' ? state : 'skipped']++
      }
    }
    if (process.env.MOSAICME_TALLY) writeFileSync(process.env.MOSAICME_TALLY, JSON.stringify(tally))
  }
}

/**
 * Orders test files: the longest first, so that none of them runs alone at the end. Vitest uses the durations of the last run and,
 * on a fresh clone, file sizes; but the tests that start whole deployments are a few lines each.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Over 8 s each on two cores, the longest first; with light ones between those that fill all cores by themselves. */
export const longest = [
  ...[
    'chaos/chaos',
    'web/making',
    'soak/soak',
    'web/gallery',
    'hostile/hostile',
    'web/mosaic',
    'web/resizing',
  ],
  ...[
    'cli/up',
    'workflows/mosaic',
    'cli/sudden-end',
    'workflows/replay',
    'api/replay',
    'web/pages',
    'web/admin',
  ],
  ...['web/wall', 'api/operation', 'engine/compose-apart', 'web/job', 'social/listening', 'tiles/starter'],
  ...['social/collector', 'social/listener', 'social/moderation', 'tiles/tile-library', 'fuzz/fuzz'],
  ...['operation/observability', 'social/bluesky', 'social/mastodon'],
  // Short ones to read, to which a fresh clone would come last.
  ...['social/publish', 'workflows/versioning', 'cli/worker', 'workflows/large-mosaic', 'tiles/killed'],
  ...[
    'engine/resize/canceling',
    'cli/command',
    'web/light',
    'api/batch-replay',
    'api/fairness',
    'api/fetched',
  ],
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const name = relative(import.meta.dirname, moduleId).replace(/^\.\.\/|\.test\.tsx?$/g, '')
      const at = longest.indexOf(name)
      return at === -1 ? longest.length : at
    }
    return sorted.sort((a, b) => rank(a) - rank(b))
  }
}

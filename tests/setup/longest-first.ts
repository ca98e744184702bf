/**
 * Orders test files: the longest first, so that none of them runs alone at the end. Vitest uses the durations of the last run and,
 * on a fresh clone, file sizes; but the tests that start whole deployments are a few lines each.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Over 15 s each on two cores, the longest first, with light ones between those that use all cores. */
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
  ...['cli/sudden-end', 'workflows/replay', 'cli/up', 'api/replay', 'web/wall', 'api/operation'],
  ...['social/collector', 'social/listener', 'social/moderation', 'tiles/tile-library', 'fuzz/fuzz'],
  ...['operation/observability', 'social/bluesky', 'social/mastodon', 'workflows/mosaic'],
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

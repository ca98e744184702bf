/**
 * The order in which test files begin: the longest first, so that none of them is left alone at the end. Vitest goes by
 * what the last run took, and on a fresh clone by size; the games are a few lines each and start whole deployments.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Over 15 s each on two cores, the longest first; with light ones between those that fill all cores by themselves. */
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

import type { FC } from 'hono/jsx'
import type { GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import { type MosaicResult, ownPath } from '../job.ts'
import { ago, fileSize, pixels } from '../words.ts'
import { authorOf } from './mosaic-card.tsx'

/** How close the mosaic comes to the photo: 0 is the photo itself; metapixel ends between 3.2 and 6.0 on real photos. */
const closeness = (k4: number) =>
  k4 < 3.5 ? 'very close to the photo' : k4 < 6.5 ? 'close to the photo' : 'a free reading of the photo'

export const MosaicView: FC<{
  entry: GalleryEntry
  /** Absent for a mosaic of the older system, or one whose job has aged out. */
  result: MosaicResult | undefined
}> = ({ entry, result }) => {
  const author = authorOf(entry)
  const width = result?.large.width ?? entry.width
  const height = result?.large.height ?? entry.height
  const small = result?.small.url ?? entry.url_small
  const large = result?.large.url ?? entry.url_large
  return (
    <article class="mosaic">
      <header>
        <p class="eyebrow">Mosaic</p>
        <h1>{author ? <bdi>{author}</bdi> : 'Unnamed'}</h1>
        <p class="muted">
          Made <time datetime={entry.date}>{ago(entry.date)}</time>
          {result?.fidelity && <>, {closeness(result.fidelity.k4)}</>}
          {entry.post_url && (
            <>
              {' · '}
              <a href={entry.post_url} rel="external nofollow ugc">
                the post
              </a>
            </>
          )}
        </p>
      </header>
      <figure class="viewer" data-dzi={result ? ownPath(result.dzi) : undefined}>
        <a class="still" href={ownPath(large)}>
          <img
            src={ownPath(small)}
            width={result?.small.width ?? width ?? 16}
            height={result?.small.height ?? height ?? 9}
            alt={author ? `Mosaic by ${author}` : 'Mosaic'}
            fetchpriority="high"
          />
        </a>
      </figure>
      <div class="actions">
        <a class="button primary" href={ownPath(large)} download={`${entry.id}.jpg`}>
          Download large
        </a>
        <a class="button quiet" href={ownPath(small)} download={`${entry.id}-small.jpg`}>
          Download small
        </a>
        <a class="text-link" href={`/jobs/${encodeURIComponent(entry.id)}`}>
          How it was made
        </a>
      </div>
      {width !== undefined && height !== undefined && (
        <p class="muted fine">
          {pixels(width, height)}
          {result && <>, {fileSize(result.large.bytes)}</>}
        </p>
      )}
    </article>
  )
}

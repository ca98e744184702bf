/** A mosaic in the gallery: its picture, with its space reserved from the start, and its author. */
import type { FC } from 'hono/jsx'
import type { GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import { ownPath } from '../job.ts'
import { placeholderUrl } from '../placeholder.ts'
import { ago } from '../words.ts'

/** The older system stored an empty handle for nobody. */
export const authorOf = (entry: GalleryEntry) =>
  entry.author || (entry.username && `@${entry.username}`) || undefined

/** The gallery crops pictures beyond these ratios: otherwise a panorama would be a line, and a column a whole page. */
const flattest = 4
const steepest = 0.5

/**
 * A picture's ratio as classes, one per decimal digit: the security policy forbids style attributes, and a script would set the
 * style only after the first paint.
 */
export function ratioClasses({ width = 16, height = 9 }: Pick<GalleryEntry, 'width' | 'height'>): string {
  const ratio = Math.min(flattest, Math.max(steepest, width / height))
  const [ones, tenths, hundredths] = ratio.toFixed(2).replace('.', '')
  return `ones-${ones} tenths-${tenths} hundredths-${hundredths}`
}

export const MosaicCard: FC<{ entry: GalleryEntry; index: number }> = ({ entry, index }) => {
  const { id, url_preview, url_small, thumbhash, username, post_url, date } = entry
  const author = authorOf(entry)
  const placeholder = placeholderUrl(thumbhash)
  return (
    <li class={ratioClasses(entry)} data-id={id}>
      <a class="picture" href={`/mosaic/${encodeURIComponent(id)}`}>
        {placeholder && <img class="placeholder" src={placeholder} alt="" />}
        <img
          src={ownPath(url_preview ?? url_small)}
          alt={author ? `Mosaic by ${author}` : 'Mosaic'}
          // The first one or two rows are visible at once.
          loading={index < 6 ? 'eager' : 'lazy'}
          fetchpriority={index < 2 ? 'high' : undefined}
          decoding="async"
        />
      </a>
      <p class="caption">
        {author && (
          <a href={`/?by=${encodeURIComponent(username || author)}`}>
            <bdi>{author}</bdi>
          </a>
        )}
        {post_url && /^https?:/.test(post_url) && (
          <a
            href={post_url}
            rel="external nofollow ugc"
            aria-label={`The post${author ? ` by ${author}` : ''}`}
          >
            post
          </a>
        )}
        <time datetime={date} title={date.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}>
          {ago(date)}
        </time>
      </p>
    </li>
  )
}

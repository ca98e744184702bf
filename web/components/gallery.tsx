import type { GalleryEntry, GalleryPage } from '../../adapters/gallery-cache/gallery-cache.ts'
import { ownPath } from '../job.ts'
import { ago, count } from '../words.ts'

/** The older system names nobody with an empty handle. */
export const authorOf = (entry: GalleryEntry) =>
  entry.author || (entry.username && `@${entry.username}`) || undefined

const Picture = ({ entry, eager }: { entry: GalleryEntry; eager: boolean }) => {
  const author = authorOf(entry)
  return (
    <li>
      <a href={`/mosaic/${encodeURIComponent(entry.id)}`}>
        <img
          src={ownPath(entry.url_small)}
          alt={author ? `Mosaic by ${author}` : 'Mosaic'}
          // The large picture's size: only the ratio counts, and with it nothing moves when the bytes arrive.
          width={entry.width ?? 16}
          height={entry.height ?? 9}
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
        />
        <span class="caption">
          {author && <bdi>{author}</bdi>}
          <time datetime={entry.date}>{ago(entry.date)}</time>
        </span>
      </a>
    </li>
  )
}

export const Gallery = ({ page, isFirst }: { page: GalleryPage; isFirst: boolean }) => (
  <section class="gallery" id="gallery" aria-labelledby="gallery-heading">
    <header>
      <h2 id="gallery-heading">{isFirst ? 'Fresh mosaics' : 'Earlier mosaics'}</h2>
      {page.total > 0 && (
        <p class="muted">
          {count(page.total)} {page.total === 1 ? 'mosaic' : 'mosaics'}, newest first
        </p>
      )}
    </header>
    {page.entries.length === 0 ? (
      <div class="empty">
        <p>
          <strong>The wall is still empty.</strong>
        </p>
        <p>
          {isFirst ? 'Post the first photo and see it come back in tiles.' : 'There is nothing further back.'}
        </p>
        <p>
          <a class="button" href={isFirst ? '#make' : '/#gallery'}>
            {isFirst ? 'Make the first mosaic' : 'To the newest'}
          </a>
        </p>
      </div>
    ) : (
      <ul class="rows">
        {page.entries.map((entry, index) => (
          <Picture entry={entry} eager={index < 4} />
        ))}
      </ul>
    )}
    {(page.next !== undefined || !isFirst) && (
      <nav class="pager" aria-label="Gallery pages">
        {!isFirst && (
          <a class="button quiet" href="/#gallery">
            Newest
          </a>
        )}
        {page.next !== undefined && (
          <a class="button quiet" rel="next" href={`/?after=${encodeURIComponent(page.next)}#gallery`}>
            Older
          </a>
        )}
      </nav>
    )}
  </section>
)

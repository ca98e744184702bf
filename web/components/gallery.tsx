/** The gallery, newest first, in pages: everybody's or one person's. Works without scripts; `islands/gallery.ts` makes it live. */
import type { FC } from 'hono/jsx'
import type { GalleryPage } from '../../adapters/gallery-cache/gallery-cache.ts'
import { count } from '../words.ts'
import { MosaicCard } from './mosaic-card.tsx'

export interface GalleryProps {
  page: GalleryPage
  isFirst: boolean
  /** Whose mosaics to show, as requested; absent: everybody's. */
  by?: string | undefined
}

const query = (parts: Record<string, string | undefined>) => {
  const given = Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined)
  return given.length === 0 ? '/#gallery' : `/?${new URLSearchParams(given)}#gallery`
}

const Empty: FC<Omit<GalleryProps, 'page'>> = ({ isFirst, by }) => {
  const [title, text, link, label] = !isFirst
    ? ['There are no older mosaics.', '', query({ by }), 'Back to the newest']
    : by !== undefined
      ? [
          'There are no mosaics under this name yet.',
          'Search for the full name, exactly as it is written.',
          '/#gallery',
          'All mosaics',
        ]
      : [
          'The gallery is still empty.',
          'Post the first photo and see it come back in tiles.',
          '/new',
          'Make the first mosaic',
        ]
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {text && <p>{text}</p>}
      <p>
        <a class="button" href={link}>
          {label}
        </a>
      </p>
    </div>
  )
}

const Search: FC<{ by: string | undefined }> = ({ by }) => (
  <search>
    <form class="search" action="/#gallery" method="get">
      <label class="visually-hidden" for="by">
        Find by handle or name
      </label>
      <input
        type="search"
        id="by"
        name="by"
        value={by}
        placeholder="@handle or name"
        maxlength={200}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
      />
      <button class="button quiet" type="submit">
        Find
      </button>
    </form>
  </search>
)

/** On the first page, the welcome above contains the page's main heading. */
const Heading: FC<Omit<GalleryProps, 'page'>> = ({ isFirst, by }) => {
  if (by === undefined && isFirst) return <h2 id="gallery-heading">Latest mosaics</h2>
  return (
    <h1 id="gallery-heading">
      {by === undefined ? (
        'Earlier mosaics'
      ) : (
        <>
          Mosaics by <bdi>{by}</bdi>
        </>
      )}
    </h1>
  )
}

export const Gallery: FC<GalleryProps> = ({ page: { entries, total, next }, isFirst, by }) => (
  <section
    class="gallery"
    id="gallery"
    aria-labelledby="gallery-heading"
    // Only the first page is live: nothing moves for people who read further back.
    data-live={isFirst && by === undefined ? 'true' : undefined}
  >
    <header>
      <Heading isFirst={isFirst} by={by} />
      <p class="muted" data-total>
        {total > 0 && `${count(total)} ${total === 1 ? 'mosaic' : 'mosaics'}, newest first`}
      </p>
      {(total > 0 || by !== undefined) && <Search by={by} />}
    </header>
    {entries.length === 0 ? (
      <Empty isFirst={isFirst} by={by} />
    ) : (
      <ul class="rows">
        {entries.map((entry, index) => (
          <MosaicCard key={entry.id} entry={entry} index={index} />
        ))}
      </ul>
    )}
    <nav class="pager" aria-label="Gallery pages">
      {(!isFirst || by !== undefined) && entries.length > 0 && (
        <a class="button quiet" href="/#gallery">
          {by === undefined ? 'Newest' : 'All mosaics'}
        </a>
      )}
      {next !== undefined && (
        <a class="button quiet" rel="next" href={query({ by, after: next })}>
          Older
        </a>
      )}
    </nav>
  </section>
)

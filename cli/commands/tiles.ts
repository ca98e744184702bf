import { SingleBar } from 'cli-progress'
import { Command } from 'commander'
import {
  type AddTilesResult,
  addTiles,
  listLibraries,
  listTiles,
  removeLibrary,
  removeTiles,
} from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { guardedFetchFor } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { findPhotos, offerPhotos } from '../photo-sources.ts'
import { Refusal } from '../refusal.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'
import { awaitStopRequest } from '../stop-request.ts'
import { watchJob } from './watch.ts'

export const tilesCommand = new Command('tiles')
  .description('add, list and remove the photos that mosaics are made of')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme tiles add ~/Pictures --library family
  mosaicme tiles list family
  mosaicme tiles rm family --all
  mosaicme tiles rm clouds --author someone

Libraries are kept in the object store of \`mosaicme up\`: the folder DATA_DIR, or S3 if S3_ENDPOINT is set.
`,
  )

tilesCommand
  .command('add')
  .description(
    'make tiles from photos: folders (including subfolders), files, URLs, or prefixes in the store',
  )
  .argument('<place...>', 'folder, file, http(s) URL, or bucket/prefix')
  .option('-l, --library <name>', 'the library to add them to, created if it does not exist', 'photos')
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme tiles add ~/Pictures/2024 ~/Pictures/2025 --library family
  mosaicme tiles add https://example.org/cat.jpg --library cats
  mosaicme tiles add raw/popular/photos/ --library best --json

Photos that the library already has are left alone; unreadable ones are listed and skipped. Exits with 1 if none could be read.
`,
  )
  .action(async (places: string[], options: { library: string; json?: boolean }) => {
    process.exitCode = await add(places, options)
  })

tilesCommand
  .command('list')
  .description('list the libraries, or the tiles of one')
  .argument('[library]')
  .option('--json', 'print one line of JSON')
  .action(async (library: string | undefined, { json = false }: { json?: boolean }) => {
    await withStore(async (store) => {
      if (library === undefined) {
        const libraries = await listLibraries({ store })
        if (json) return say(JSON.stringify({ libraries }))
        if (libraries.length === 0) return say('There is no tile library yet: mosaicme tiles add FOLDER')
        for (const { name, tiles } of libraries) say(`${name.padEnd(24)} ${tiles.toLocaleString('en')} tiles`)
      } else {
        const tiles = await listTiles({ store, library })
        if (json) return say(JSON.stringify({ library, tiles }))
        for (const { id, source, author } of tiles) {
          const by = author?.name ?? author?.handle
          say(`${id}  ${source}${by === undefined ? '' : `  by ${by}`}`)
        }
      }
    })
  })

tilesCommand
  .command('rm')
  .description('remove tiles from a library, with their photos; or the whole library')
  .argument('<library>')
  .argument('[tile...]', 'tile IDs, as listed by `tiles list`')
  .option('--all', 'the whole library')
  .option('--author <handle>', 'one person’s tiles, also from finished mosaics; needs a running mosaicme')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .action(async (library: string, tileIds: string[], options: RemoveOptions) => {
    if (options.author !== undefined) return await removeAuthor(library, options.author, tileIds, options)
    if ((options.all ?? false) === tileIds.length > 0) {
      throw new Refusal(
        'tiles_unnamed',
        `Expected IDs of tiles, --all or --author, got ${options.all ? 'both' : 'neither'}.`,
      )
    }
    await withStore(async (store) => {
      const result = options.all
        ? { ...(await removeLibrary({ store, library })), unknown: [], size: 0 }
        : await removeTiles({ store, library, tileIds })
      if (options.json) say(JSON.stringify({ library, ...result }))
      else say(`${count(result.removed, 'tile')} removed from ${library}, which has ${result.size} now.`)
      for (const id of result.unknown) console.error(`Not in ${library}: ${id}`)
      if (result.unknown.length > 0) process.exitCode = 1
    })
  })

interface RemoveOptions extends Remote {
  all?: boolean
  author?: string
  json?: boolean
}

async function removeAuthor(
  library: string,
  author: string,
  tileIds: string[],
  { all, json = false, ...remote }: RemoveOptions,
): Promise<void> {
  if (all || tileIds.length > 0)
    throw new Refusal('tiles_unnamed', 'Use --author without tile IDs and without --all.')
  const path = `v1/tiles/${encodeURIComponent(library)}/authors/${encodeURIComponent(author)}`
  const { id } = (await (await call(remote, path, { method: 'DELETE' })).json()) as { id: string }
  await watchJob(remote, id, json)
}

/** @returns the exit code */
async function add(
  places: string[],
  { library, json = false }: { library: string; json?: boolean },
): Promise<number> {
  const environment = loadEnvironment()
  const { limits } = environment
  const stop = awaitStopRequest(() => process.exit(130))
  const store = await openObjectStore(environment)
  const bar = new SingleBar({
    format: '{bar} {value}/{total} photos, {added} new, {skipped} skipped',
    hideCursor: true,
    clearOnComplete: true,
  })
  const showBar = !json && process.stderr.isTTY
  try {
    const sources = await findPhotos(places, {
      store,
      fetch: guardedFetchFor(environment),
      bucketNames: environment.s3?.buckets ?? olderNames,
      maxBytes: limits.pictureBytes,
      signal: stop.signal,
    })
    if (showBar) bar.start(sources.length, 0, { added: 0, skipped: 0 })
    const result = await addTiles({
      store,
      library,
      photos: offerPhotos(sources),
      limits: { bytes: limits.pictureBytes, pixels: limits.pixels, frames: limits.frames },
      onProgress: (done, soFar) => bar.update(done, { added: soFar.added, skipped: soFar.skipped.length }),
      signal: stop.signal,
    })
    if (showBar) bar.stop()
    report(result, library, json)
    return result.added + result.duplicates > 0 ? 0 : 1
  } catch (error) {
    if (!stop.signal.aborted) throw error
    console.error('Stopped. The tiles made so far are kept; the same command continues from there.')
    return 130
  } finally {
    if (showBar) bar.stop()
    stop.dispose()
    await store.close()
  }
}

/** Default names of the buckets on S3, which can also be used for a folder. */
const olderNames = { in: 'mosaic-in', raw: 'mosaic-raw', large: 'mosaic-outlarge', small: 'mosaic-outsmall' }

function report(result: AddTilesResult, library: string, json: boolean): void {
  if (json) {
    say(JSON.stringify({ library, ...result }))
    return
  }
  const { added, duplicates, nearDuplicates, skipped, size } = result
  for (const { name, message } of skipped) console.error(`Skipped ${name}: ${message}`)
  say(
    `${count(added, 'photo')} added to ${library}, ${duplicates} already there, ${skipped.length} skipped. ` +
      `It has ${count(size, 'tile')} now.`,
  )
  if (nearDuplicates > 0)
    say(
      `${nearDuplicates} of them look like other tiles, and count as the same for the distance between equal tiles.`,
    )
}

async function withStore(
  task: (store: Awaited<ReturnType<typeof openObjectStore>>) => Promise<void>,
): Promise<void> {
  const store = await openObjectStore(loadEnvironment())
  try {
    await task(store)
  } finally {
    await store.close()
  }
}

const count = (number: number, thing: string) =>
  `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`

function say(line: string): void {
  console.log(line)
}

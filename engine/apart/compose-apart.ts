import { readdir, rm, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ComposedMosaic, type ComposeInput, composeMosaic } from '../compose-mosaic.ts'
import { cellHeight } from '../grid.ts'
import { encodePlan } from '../plan.ts'
import { tileSize } from '../tile.ts'
import { featureLength, pixelsOfTiles } from '../tile-set.ts'
import { placesOf, wantedTiles } from '../tile-sheet.ts'
import { runApart } from './run-apart.ts'

/** Pixels from which a mosaic is heavy: about one CPU second, while a child process costs 0.4 s. */
const heavyPixels = 8e6

const script = fileURLToPath(new URL(`./compose-process${extname(import.meta.url)}`, import.meta.url))

/** The message to the child; the pixels of the tiles in use are passed in a file. */
export interface ComposeTask
  extends Pick<ComposeInput, 'target' | 'directory' | 'quality' | 'pyramid' | 'threads'> {
  plan: Uint8Array
  /** `path`: sRGB, `side * side * 3` bytes per tile, in the order of the IDs. */
  tiles: { path: string; ids: string[]; side: number; features: Float32Array }
}

/**
 * `composeMosaic` for processes that other work depends on: a heavy mosaic is composed in a child process,
 * which yields the CPU and stops at once on abort. The bytes are the same.
 */
export async function composeApart(input: ComposeInput): Promise<ComposedMosaic> {
  const { plan, tiles, target, directory, quality, pyramid, threads, signal, onProgress } = input
  const { columns, rows, cell } = plan.grid
  const high = cellHeight(plan.grid)
  // Copying from an earlier mosaic is light work, whatever its size.
  if (input.earlier || columns * cell * rows * high < heavyPixels) return await composeMosaic(input)

  const path = join(directory, 'tiles.rgb')
  const wanted = [...new Set(wantedTiles(plan.tiles, placesOf(tiles)))]
  /* Cells of several sizes need tiles at the largest stored size. */
  const side = plan.grid.places ? tileSize : Math.min(Math.max(cell, high), tileSize)
  const features = new Float32Array(wanted.length * featureLength)
  wanted.forEach((tile, i) => {
    features.set(tiles.features.subarray(tile * featureLength, (tile + 1) * featureLength), i * featureLength)
  })
  try {
    await writeFile(path, await pixelsOfTiles(tiles, wanted, side, side), signal && { signal })
    const task: ComposeTask = {
      plan: encodePlan(plan),
      tiles: { path, ids: wanted.map((index) => tiles.credit(index).id), side, features },
      directory,
      ...(target && { target }),
      ...(quality !== undefined && { quality }),
      ...(pyramid !== undefined && { pyramid }),
      ...(threads !== undefined && { threads }),
    }
    return await runApart<ComposedMosaic>(script, task, { signal, onProgress, yields: true })
  } catch (error) {
    await removeHalfWritten(directory)
    throw error
  } finally {
    await rm(path, { force: true })
  }
}

/** A killed process could not clean up. */
async function removeHalfWritten(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  await Promise.all(names.filter((name) => name.endsWith('.part')).map((name) => rm(join(directory, name))))
}

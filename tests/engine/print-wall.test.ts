import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { layOutPrint, papers, printWall, type WallPhoto } from '../../engine/index.ts'
import { picture } from './pictures.ts'

const columns = 6
const rows = 4
const target = () => picture(300, 200).png().toBuffer()
const photo = (background: string) =>
  sharp({ create: { width: 90, height: 60, channels: 3, background } })
    .png()
    .toBuffer()

async function print(format: 'pdf' | 'tiff', photos: Record<number, WallPhoto>, overlay = 0) {
  const sheet = layOutPrint({ columns, rows }, papers.A5, 100)
  const parts: number[] = []
  async function* noted() {
    const made = printWall({
      ...{ sheet, columns, rows, dpi: 100, format, overlay, target: await target() },
      photoOf: async (cell) => photos[cell],
    })
    for await (const part of made) {
      parts.push(part.length)
      yield part
    }
  }
  return { sheet, parts, file: await buffer(Readable.from(noted())) }
}

describe('the layout of a print', () => {
  it('orients the paper like the wall and uses as much of it as whole cells allow', () => {
    // A3 without 5 mm at each edge: 410 x 287 mm, 4,842 x 3,389 px at 300 dpi.
    expect(layOutPrint({ columns: 60, rows: 40 }, papers.A3, 300)).toEqual({
      ...{ page: { width: 420, height: 297 }, cell: 80, width: 4_800, height: 3_200 },
    })
    expect(layOutPrint({ columns: 40, rows: 60 }, papers.A3, 300).page).toEqual({ width: 297, height: 420 })
  })

  it.each([
    [{ columns: 100, rows: 100 }, papers.A4, 72, 'invalid_option'],
    [{ columns: 100, rows: 100 }, papers.A0, 1_200, 'output_too_large'],
  ])('refuses cells too small to see and files too large to print', (grid, paper, dpi, code) => {
    expect(() => layOutPrint(grid, paper, dpi)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a wall on paper', () => {
  it('has each photo in its cell, the picture where there is no readable photo, and its density', async () => {
    const { sheet, file, parts } = await print('tiff', {
      0: { photo: await photo('#f00') },
      7: { pixels: new Uint8Array(64 * 64 * 3).fill(255) },
      8: { photo: Buffer.from('no picture at all') },
    })
    const { data, info } = await sharp(file, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([columns * sheet.cell, rows * sheet.cell])
    const { density } = await sharp(file).metadata()
    expect(density).toBe(100)
    const behind = await sharp(await target())
      .resize(info.width, info.height, { fit: 'fill' })
      .raw()
      .toBuffer()
    const middle = (pixels: Buffer, cell: number) => {
      const x = ((cell % columns) + 0.5) * sheet.cell
      const y = (Math.floor(cell / columns) + 0.5) * sheet.cell
      const at = (Math.floor(y) * info.width + Math.floor(x)) * 3
      return [...pixels.subarray(at, at + 3)]
    }
    expect(middle(data, 0)).toEqual([255, 0, 0])
    expect(middle(data, 7)).toEqual([255, 255, 255])
    for (const empty of [1, 8, 23])
      middle(data, empty).forEach((value, channel) => {
        expect(Math.abs(value - middle(behind, empty)[channel]!)).toBeLessThan(12)
      })
    // Never the whole picture at once.
    expect(Math.max(...parts)).toBeLessThanOrEqual(info.width * 128 * 3)
  })

  it('blends the picture over the photos', async () => {
    const white = { pixels: new Uint8Array(64 * 64 * 3).fill(255) }
    const all = Object.fromEntries(Array.from({ length: columns * rows }, (_, cell) => [cell, white]))
    const { file } = await print('tiff', all, 0.3)
    const { channels } = await sharp(file).stats()
    const of = (await sharp(await target()).stats()).channels
    channels.forEach(({ mean }, channel) => {
      expect(Math.abs(mean - (0.7 * 255 + 0.3 * of[channel]!.mean))).toBeLessThan(3)
    })
  })

  it('is a one-page PDF of that paper size with a correct cross-reference table', async () => {
    const { file, sheet } = await print('pdf', { 0: { photo: await photo('#00f') } })
    const text = file.toString('latin1')
    expect(text).toContain('/MediaBox [0 0 595.276 419.528]')
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1])
    const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n /gm)].map(([, offset]) =>
      Number(offset),
    )
    expect(offsets).toHaveLength(6)
    for (const [at, offset] of offsets.entries())
      expect(text.slice(offset, offset + 8)).toBe(`${at + 1} 0 obj\n`)
    const length = Number(/6 0 obj\n(\d+)/.exec(text)?.[1])
    const from = text.indexOf('stream\n', offsets[4]) + 'stream\n'.length
    const jpeg = file.subarray(from, from + length)
    expect(text.slice(from + length, from + length + 10)).toBe('\nendstream')
    const { data, info } = await sharp(jpeg, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([sheet.width, sheet.height])
    expect(data[2]).toBeGreaterThan(240)
  })
})

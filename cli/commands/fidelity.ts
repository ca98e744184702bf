import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import {
  closeThreads,
  comparePictures,
  decodePlan,
  type Fidelity,
  type TileUsage,
  tileUsage,
} from '../../engine/index.ts'
import { Refusal } from '../refusal.ts'

/** Mosaics are meant to be large. */
const limits = { bytes: 2 ** 31, pixels: 4e9 }

interface Grid {
  columns: number
  rows: number
}

function grid(text: string): Grid {
  const [, columns, rows] = /^(\d{1,6})[x×](\d{1,6})$/i.exec(text) ?? []
  if (!Number(columns) || !Number(rows))
    throw new InvalidArgumentError('Expected columns and rows, such as 320x180.')
  return { columns: Number(columns), rows: Number(rows) }
}

export const fidelityCommand = new Command('fidelity')
  .description('measure how close a mosaic comes to its target, whichever program made it')
  .argument('<target>', 'the picture that the mosaic was made from')
  .argument('<mosaic>', 'the mosaic')
  .option('--grid <columns>x<rows>', 'how many tiles it has each way', grid)
  .option('--plan <file>', 'or the plan that it was made from')
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Mean OKLab difference, times 100, when both pictures are averaged in linear light to 1, 2 x 2 and 4 x 4 samples a tile.
Lower is closer; 2 is just noticeable. SSIM, at most 1, measures how similar their structure is. With a plan, also how often photos
are used and repeated.

Examples:
  mosaicme fidelity me.jpg mosaic.jpg --grid 320x180
  mosaicme fidelity me.jpg made-by-metapixel.png --grid 320x180 --json | jq .k1
`,
  )
  .action(async (target: string, mosaic: string, flags: { grid?: Grid; plan?: string; json?: boolean }) => {
    try {
      const plan = flags.plan === undefined ? undefined : decodePlan(await read(flags.plan))
      const size = flags.grid ?? plan?.grid
      if (!size)
        throw new Refusal('invalid_option', 'Expected --grid or --plan: how many tiles the mosaic has.')
      const [before, after] = await Promise.all([read(target), read(mosaic)])
      const fidelity = await comparePictures(before, after, size, { limits })
      const usage = plan && tileUsage(plan)
      if (flags.json) console.log(JSON.stringify({ ...fidelity, ...(usage && { usage }) }))
      else
        for (const line of [...describeFidelity(fidelity), ...(usage ? describeUsage(usage) : [])])
          console.log(line)
    } finally {
      await closeThreads()
    }
  })

function describeFidelity({ k1, k2, k4, ssim }: Fidelity): string[] {
  const difference = `OKLab difference: ${k1} at one sample a tile, ${k2} at 2 x 2, ${k4} at 4 x 4.`
  return ssim === undefined ? [difference] : [difference, `SSIM where a tile is 4 x 4 pixels: ${ssim}.`]
}

function describeUsage({ tiles, histogram, repeats, nearest }: TileUsage): string[] {
  const used = histogram.map((entry) => {
    const times = entry.from === entry.to ? `${entry.from}` : `${entry.from} to ${entry.to}`
    return `${entry.tiles} of them ${times === '1' ? 'once' : `${times} times`}`
  })
  const apart =
    nearest === undefined ? '' : `, the nearest ${nearest} ${nearest === 1 ? 'tile' : 'tiles'} away`
  return [`${tiles} distinct photos: ${used.join(', ')}.`, `${repeats} tiles repeat a photo${apart}.`]
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new Refusal('file_unusable', `Cannot read ${path}: ${(cause as Error).message}.`, { cause })
  }
}

/**
 * The vectors by which tiles and cells are compared. Their 4 x 4 OKLab samples go through an orthonormal
 * DCT-II (as in JPEG, 4 x 4, per channel). This preserves distances, but concentrates mean colour and coarse
 * shape in few coefficients, by which most tiles can be pruned. Mirroring a tile only changes signs.
 */
import { featureLength, samplesPerSide } from './tile-set.ts'

const n = samplesPerSide
/**
 * int16 steps per OKLab unit. Black and white are 4 units apart times the mean's weight: far from overflow.
 */
export const steps = 2048
/**
 * Weight of an error in the mean relative to one in detail: from afar only means are seen. Chosen by
 * measurement, see docs/decisions.
 */
const meanWeight = 1.6

/**
 * Orientations of a tile that are searched together: 1 upright only, 2 also mirrored, 4 also upside down, 8
 * also transposed. They are the first orientations of `engine/orientation.ts`.
 */
export type Ways = 1 | 2 | 4 | 8

/** In int16. */
export const bodyLength = featureLength
export const headLength = 8

const cosines = Float64Array.from(
  { length: n * n },
  (_, i) => Math.cos((Math.PI * ((i % n) + 0.5) * Math.floor(i / n)) / n) * Math.sqrt((i < n ? 1 : 2) / n),
)

/**
 * Position of a coefficient in a body. Each run of eight has two of each kind, in this order: even, odd
 * horizontally, odd vertically, odd both ways. See `engine/wasm/assembly/nearest.ts`.
 */
const slotOf = new Uint8Array(featureLength)
/** The slot of the same coefficient of the transposed picture. */
const partnerOf = new Uint8Array(featureLength)
/** Kind of the coefficient in a slot: 1 if odd horizontally, plus 2 if odd vertically. */
export const kindOf = (slot: number): number => (slot >> 1) & 3

const filled = [0, 0, 0, 0]
for (let v = 0; v < n; v++)
  for (let u = 0; u < n; u++)
    for (let channel = 0; channel < 3; channel++) {
      const kind = (u & 1) | ((v & 1) << 1)
      const rank = filled[kind]!++
      slotOf[(v * n + u) * 3 + channel] = (rank >> 1) * 8 + kind * 2 + (rank & 1)
    }
for (let v = 0; v < n; v++)
  for (let i = 0; i < n * 3; i++) {
    const u = Math.floor(i / 3)
    partnerOf[slotOf[v * n * 3 + i]!] = slotOf[(u * n + v) * 3 + (i % 3)]!
  }
const weightOf = Float64Array.from({ length: featureLength }, (_, i) => steps * (i < 3 ? meanWeight : 1))

/**
 * Transforms the description at `at` to 48 int16 at `to`.
 * @param half scratch space for 48 numbers
 */
export function writeBody(
  features: Float32Array,
  at: number,
  out: Int16Array,
  to: number,
  half: Float64Array,
): void {
  for (let y = 0; y < n; y++)
    for (let k = 0; k < n; k++) {
      const [c0, c1, c2, c3] = [
        cosines[k * n]!,
        cosines[k * n + 1]!,
        cosines[k * n + 2]!,
        cosines[k * n + 3]!,
      ]
      for (let c = 0, from = at + y * n * 3; c < 3; c++, from++)
        half[(y * n + k) * 3 + c] =
          c0 * features[from]! +
          c1 * features[from + 3]! +
          c2 * features[from + 6]! +
          c3 * features[from + 9]!
    }
  const line = n * 3
  for (let v = 0, value = 0; v < n; v++) {
    const [c0, c1, c2, c3] = [cosines[v * n]!, cosines[v * n + 1]!, cosines[v * n + 2]!, cosines[v * n + 3]!]
    for (let i = 0; i < line; i++, value++) {
      const sum = c0 * half[i]! + c1 * half[i + line]! + c2 * half[i + 2 * line]! + c3 * half[i + 3 * line]!
      out[to + slotOf[value]!] = Math.round(sum * weightOf[value]!)
    }
  }
}

/** Writes the body of the transposed picture. */
export function transposeBody(bodies: Int16Array, at: number, out: Int16Array, to: number): void {
  for (let slot = 0; slot < bodyLength; slot++) out[to + slot] = bodies[at + partnerOf[slot]!]!
}

/** One or two coefficients in a head: slots of a body among which turning changes at most the order. */
export interface HeadValue {
  slots: number[]
  /** Turning also changes signs, so they are ignored. */
  unsigned: boolean
}

/**
 * Writes what bodies are compared by first: the coefficients with the largest variance, made invariant to
 * turning, pairs in descending order; finally the norm of the rest. The distance of two heads is a lower
 * bound on that of their bodies in any orientation.
 */
export function writeHead(
  head: readonly HeadValue[],
  bodies: Int16Array,
  at: number,
  out: Int16Array,
  to: number,
): void {
  let rest = 0
  for (let i = 0; i < bodyLength; i++) rest += bodies[at + i]! * bodies[at + i]!
  let place = to
  for (const { slots, unsigned } of head) {
    const first = bodies[at + slots[0]!]!
    rest -= first * first
    out[place++] = unsigned ? Math.abs(first) : first
    if (slots.length === 1) continue
    const second = bodies[at + slots[1]!]!
    rest -= second * second
    const other = unsigned ? Math.abs(second) : second
    if (other <= out[place - 1]!) out[place++] = other
    else {
      out[place] = out[place - 1]!
      out[place++ - 1] = other
    }
  }
  out.fill(0, place, to + headLength - 1)
  out[to + headLength - 1] = Math.floor(Math.sqrt(rest))
}

export interface TileIndex {
  ways: Ways
  head: HeadValue[]
  /** `count * 48`, sorted by the first value of their heads. */
  bodies: Int16Array<SharedArrayBuffer>
  /** The tile at each position: `count * ways`, orientations of a tile adjacent. */
  tileAt: Uint32Array<SharedArrayBuffer>
}

/**
 * Thread task: prepares tiles for search.
 *
 * @param task.features of all tiles, the `ways` orientations of a tile adjacent; only the first of them is
 * read
 */
export function indexTiles({ features, ways }: { features: Float32Array; ways: Ways }): TileIndex {
  const count = features.length / featureLength / ways
  const unsorted = new Int16Array(count * bodyLength)
  const half = new Float64Array(featureLength)
  for (let tile = 0; tile < count; tile++)
    writeBody(features, tile * ways * featureLength, unsorted, tile * bodyLength, half)
  const head = chooseHead(unsorted, ways)
  const [slot] = head[0]!.slots
  const first = (tile: number) => unsorted[tile * bodyLength + slot!]!
  const tiles = Array.from({ length: count }, (_, tile) => tile).sort((a, b) => first(a) - first(b) || a - b)
  const bodies = new Int16Array(new SharedArrayBuffer(count * bodyLength * 2))
  const tileAt = new Uint32Array(new SharedArrayBuffer(count * ways * 4))
  tiles.forEach((tile, position) => {
    bodies.set(unsorted.subarray(tile * bodyLength, (tile + 1) * bodyLength), position * bodyLength)
    for (let way = 0; way < ways; way++) tileAt[position * ways + way] = tile * ways + way
  })
  return { ways, head, bodies, tileAt }
}

/**
 * The coefficients with the largest variance. Tiles are sorted by the first, so it has to be invariant to
 * turning.
 */
function chooseHead(bodies: Int16Array, ways: Ways): HeadValue[] {
  const signs = ways === 1 ? 0 : ways === 2 ? 1 : 3
  const values = Array.from({ length: bodyLength }, (_, slot): HeadValue & { spread: number } => {
    const partner = ways === 8 ? partnerOf[slot]! : slot
    const slots = partner === slot ? [slot] : [slot, partner]
    const unsigned = (kindOf(slot) & signs) > 0 || (kindOf(partner) & signs) > 0
    const spread = slots.reduce((sum, one) => sum + variance(bodies, one, unsigned), 0) / slots.length
    return { slots, unsigned, spread }
  }).filter(({ slots: [slot, partner = slot] }) => slot! <= partner!)
  values.sort((a, b) => b.spread - a.spread || a.slots[0]! - b.slots[0]!)
  const first = values.find(({ slots, unsigned }) => slots.length === 1 && !unsigned)!
  const chosen: HeadValue[] = []
  let room = headLength - 1
  for (const value of [first, ...values.filter((value) => value !== first)]) {
    const { slots, unsigned } = value
    if (slots.length > room) continue
    room -= slots.length
    chosen.push({ slots, unsigned })
  }
  return chosen
}

function variance(bodies: Int16Array, slot: number, unsigned: boolean): number {
  let sum = 0
  let squares = 0
  let count = 0
  for (let i = slot; i < bodies.length; i += bodyLength, count++) {
    sum += unsigned ? Math.abs(bodies[i]!) : bodies[i]!
    squares += bodies[i]! ** 2
  }
  return squares / count - (sum / count) ** 2
}

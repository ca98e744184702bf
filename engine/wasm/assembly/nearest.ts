/**
 * AssemblyScript: the inner loop of matching, in WebAssembly SIMD. All pointers are bytes into shared memory; nothing
 * is allocated, so threads run it at once on different cells.
 *
 * A vector is 48 int16, most telling values first. Tiles are sorted by their first value and stored in two parts: the
 * first 8 values of all tiles, then the other 40 of all tiles, because most tiles are ruled out by the first part.
 */

const headBytes: usize = 16
const tailBytes: usize = 80
const vectorBytes: usize = headBytes + tailBytes

/** Position in a key that stands for no tile. */
const nowhere: u32 = 0xffffffff
/** Group of a tile that equals no other. */
const alone: u32 = 0

/** Sum of the squares of 8 differences, in four parts. */
// @ts-expect-error: decorators on functions are AssemblyScript's
@inline
function squares(a: usize, b: usize): v128 {
  const difference = i16x8.sub_sat_s(v128.load(a), v128.load(b))
  return i32x4.dot_i16x8_s(difference, difference)
}

// @ts-expect-error
@inline
function sum(parts: v128): u32 {
  const pairs = i32x4.add(parts, i8x16.shuffle(parts, parts, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return <u32>(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1))
}

// @ts-expect-error
@inline
function tailSquares(cell: usize, tail: usize): u32 {
  const a = cell + headBytes
  const first = i32x4.add(squares(a, tail), squares(a + 16, tail + 16))
  const second = i32x4.add(squares(a + 32, tail + 32), squares(a + 48, tail + 48))
  return sum(i32x4.add(i32x4.add(first, second), squares(a + 64, tail + 64)))
}

/** Position of the first tile whose first value is not below `value`. */
function lowerBound(heads: usize, count: i32, value: i32): i32 {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (<i32>load<i16>(heads + <usize>middle * headBytes) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Puts a key into a sorted list of `keep` keys, of which the last falls out. */
function insert(list: usize, keep: i32, key: u64): void {
  let low = 0
  let high = keep - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (load<u64>(list + (<usize>middle << 3)) < key) low = middle + 1
    else high = middle
  }
  const place = list + (<usize>low << 3)
  memory.copy(place + 8, place, <usize>(keep - 1 - low) << 3)
  store<u64>(place, key)
}

/** Takes a key out of a sorted list; what comes after it moves up, and `beyond` fills the end. */
function remove(list: usize, keep: i32, index: i32, beyond: u64): void {
  const place = list + (<usize>index << 3)
  memory.copy(place, place + 8, <usize>(keep - 1 - index) << 3)
  store<u64>(list + (<usize>(keep - 1) << 3), beyond)
}

/** Index of the first key in a list whose tile is of a group, or -1. */
function findGroup(list: usize, keep: i32, groups: usize, group: u32): i32 {
  for (let i = 0; i < keep; i++) {
    const position = load<u32>(list + (<usize>i << 3))
    if (position === nowhere) return -1
    if (load<u32>(groups + (<usize>position << 2)) === group) return i
  }
  return -1
}

/**
 * Writes the `keep` nearest tiles of each cell from `from` to before `to` as keys: squared distance in the upper 32
 * bits, the tile's position below. Of a group of equal tiles, only the nearest. Exact: a tile is passed over only when a part of its squared distance exceeds that
 * of the last key kept. Among equals, the lower position wins, so the result does not depend on the order of search.
 */
export function nearest(
  heads: usize,
  tails: usize,
  groups: usize,
  count: i32,
  cells: usize,
  from: i32,
  to: i32,
  keep: i32,
  keys: usize,
): void {
  for (let index = from; index < to; index++) {
    const cell = cells + <usize>index * vectorBytes
    const list = keys + ((<usize>index * <usize>keep) << 3)
    /* What its neighbour found is near this cell too: the farthest of those bounds the search from the start. */
    let limit: u32 = u32.MAX_VALUE
    if (index > from) {
      const neighbour = list - (<usize>keep << 3)
      limit = 0
      for (let i = 0; i < keep; i++) {
        const position = <usize>load<u32>(neighbour + (<usize>i << 3))
        const distance =
          sum(squares(cell, heads + position * headBytes)) + tailSquares(cell, tails + position * tailBytes)
        limit = max(limit, distance)
      }
    }
    /* No tile has this key, and every tile within the limit comes before it. */
    const beyond: u64 = (<u64>limit << 32) | <u64>nowhere
    for (let i = 0; i < keep; i++) store<u64>(list + (<usize>i << 3), beyond)
    const lastKey = list + (<usize>(keep - 1) << 3)

    const first = <i32>load<i16>(cell)
    const middle = lowerBound(heads, count, first)
    for (let direction = 0; direction < 2; direction++) {
      const step: i32 = direction === 0 ? 1 : -1
      let position: i32 = direction === 0 ? middle : middle - 1
      for (; position >= 0 && position < count; position += step) {
        const head = heads + <usize>position * headBytes
        const apart = <i32>load<i16>(head) - first
        if (<u32>(apart * apart) > limit) break
        const some = sum(squares(cell, head))
        if (some > limit) continue
        const distance = some + tailSquares(cell, tails + <usize>position * tailBytes)
        if (distance > limit) continue
        const key = (<u64>distance << 32) | <u64>position
        if (key >= load<u64>(lastKey)) continue
        const group = load<u32>(groups + (<usize>position << 2))
        if (group !== alone) {
          const rival = findGroup(list, keep, groups, group)
          if (rival >= 0) {
            if (load<u64>(list + (<usize>rival << 3)) < key) continue
            remove(list, keep, rival, beyond)
          }
        }
        insert(list, keep, key)
        limit = <u32>(load<u64>(lastKey) >> 32)
      }
    }
  }
}

/** Writes the squared distance of every tile from one cell to `out`, 4 bytes each, by position. */
export function distances(heads: usize, tails: usize, count: i32, cell: usize, out: usize): void {
  for (let position = 0; position < count; position++) {
    const distance =
      sum(squares(cell, heads + <usize>position * headBytes)) +
      tailSquares(cell, tails + <usize>position * tailBytes)
    store<u32>(out + (<usize>position << 2), distance)
  }
}

/**
 * AssemblyScript: the inner loop of matching, in WebAssembly SIMD. All pointers are byte offsets into shared
 * memory. Nothing is allocated, so threads can run it concurrently on different cells.
 *
 * A tile has a head of 8 int16, by whose first value tiles are sorted, and a body of 48: see
 * `engine/matching-vectors.ts`. The squared distance of two heads is a lower bound on that of the bodies in
 * any orientation, so most tiles are pruned by 16 bytes. A cell is a head, a body and, where tiles may be
 * transposed, its transposed body.
 *
 * Turning a tile only changes signs in its body: mirroring those of coefficients odd horizontally, upside
 * down those odd vertically. Each of four lanes holds the coefficients of one kind (even, odd horizontally,
 * odd vertically, odd both ways), so four sums of products yield the distances of all four orientations.
 */

const headBytes: usize = 16
const bodyBytes: usize = 96

/** Position in a key that stands for no tile. */
const nowhere: u32 = 0xffffffff
/** Group of a tile without near-duplicates. */
const alone: u32 = 0

// @ts-expect-error: decorators on functions are AssemblyScript's
@inline
function sum(parts: v128): u32 {
  const pairs = i32x4.add(parts, i32x4.shuffle(parts, parts, 2, 3, 0, 1))
  return <u32>(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1))
}

/**
 * Lower bound on the squared distance of two tiles with these heads. The last value, a norm, was rounded down
 * in both.
 */
// @ts-expect-error
@inline
function headDistance(a: v128, b: usize): u32 {
  const apart = i16x8.sub_sat_u(i16x8.abs(i16x8.sub_sat_s(a, v128.load(b))), i16x8(0, 0, 0, 0, 0, 0, 0, 1))
  return sum(i32x4.dot_i16x8_s(apart, apart))
}

// @ts-expect-error
@inline
function dot(a: usize, b: usize): v128 {
  return i32x4.dot_i16x8_s(v128.load(a), v128.load(b))
}

/** Dot product of two bodies, one partial sum per kind of coefficient. */
// @ts-expect-error
@inline
function products(a: usize, b: usize): v128 {
  const first = i32x4.add(dot(a, b), dot(a + 16, b + 16))
  const second = i32x4.add(dot(a + 32, b + 32), dot(a + 48, b + 48))
  return i32x4.add(i32x4.add(first, second), i32x4.add(dot(a + 64, b + 64), dot(a + 80, b + 80)))
}

/** Dot products for the tile upright, mirrored, upside down, and both. */
// @ts-expect-error
@inline
function turned(parts: v128): v128 {
  const across = i32x4(0, -1, 0, -1)
  const odd = i32x4.sub(v128.xor(i32x4.shuffle(parts, parts, 1, 1, 3, 3), across), across)
  const pairs = i32x4.add(i32x4.shuffle(parts, parts, 0, 0, 2, 2), odd)
  const down = i32x4(0, 0, -1, -1)
  const below = i32x4.sub(v128.xor(i32x4.shuffle(pairs, pairs, 2, 3, 2, 3), down), down)
  return i32x4.add(i32x4.shuffle(pairs, pairs, 0, 1, 0, 1), below)
}

// @ts-expect-error
@inline
function largest(lanes: v128): i32 {
  const pairs = i32x4.max_s(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 0, 1))
  return max(i32x4.extract_lane(pairs, 0), i32x4.extract_lane(pairs, 1))
}

/** Masks the lanes of `turned` that do not count with the smallest value. */
// @ts-expect-error
@inline
function counted(lanes: v128, ways: i32): v128 {
  return ways === 2 ? i32x4.shuffle(lanes, i32x4.splat(i32.MIN_VALUE), 0, 1, 4, 4) : lanes
}

/** The largest dot product of a tile and a cell over all orientations. */
// @ts-expect-error
@inline
function mostProducts(cell: usize, tile: usize, ways: i32): i32 {
  const body = cell + headBytes
  const parts = products(body, tile)
  if (ways === 1) return <i32>sum(parts)
  const upright = counted(turned(parts), ways)
  if (ways < 8) return largest(upright)
  return largest(i32x4.max_s(upright, turned(products(body + bodyBytes, tile))))
}

/** The first orientation of a tile with this dot product. */
function firstWay(cell: usize, tile: usize, ways: i32, wanted: i32): u32 {
  if (ways === 1) return 0
  const body = cell + headBytes
  const upright = i32x4.bitmask(i32x4.eq(counted(turned(products(body, tile)), ways), i32x4.splat(wanted)))
  if (upright !== 0) return <u32>ctz(upright)
  return 4 + <u32>ctz(i32x4.bitmask(i32x4.eq(transposed(body + bodyBytes, tile), i32x4.splat(wanted))))
}

/** When transposed, coefficients odd horizontally are odd vertically. */
// @ts-expect-error
@inline
function transposed(body: usize, tile: usize): v128 {
  const lanes = turned(products(body, tile))
  return i32x4.shuffle(lanes, lanes, 0, 2, 1, 3)
}

/** Position of the first tile whose first value is at least `value`. */
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

/** Inserts a key into a sorted list of `keep` keys, dropping the last. */
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

/** Removes a key from a sorted list; later keys move up, and `beyond` fills the end. */
function remove(list: usize, keep: i32, index: i32, beyond: u64): void {
  const place = list + (<usize>index << 3)
  memory.copy(place, place + 8, <usize>(keep - 1 - index) << 3)
  store<u64>(list + (<usize>(keep - 1) << 3), beyond)
}

/** Index of the first key in a list whose tile belongs to a group, or -1. */
function findGroup(list: usize, keep: i32, ways: u32, groups: usize, group: u32): i32 {
  for (let i = 0; i < keep; i++) {
    const position = load<u32>(list + (<usize>i << 3))
    if (position === nowhere) return -1
    if (load<u32>(groups + (<usize>(position / ways) << 2)) === group) return i
  }
  return -1
}

/**
 * Writes the `keep` nearest tiles of each cell from `from` to `to` (exclusive) as keys: squared distance in
 * the upper half, below it the tile's position times `ways` plus its orientation, 32 bits each. Keeps only
 * the nearest of a group of equal tiles, and of the orientations of one. Exact: a tile is skipped only if its
 * squared distance must exceed that of the last key kept. Ties go to the lower position, so the result does
 * not depend on the order of search.
 */
export function nearest(
  heads: usize,
  bodies: usize,
  norms: usize,
  groups: usize,
  count: i32,
  cells: usize,
  cellBytes: usize,
  ways: i32,
  from: i32,
  to: i32,
  keep: i32,
  keys: usize,
): void {
  for (let index = from; index < to; index++) {
    const cell = cells + <usize>index * cellBytes
    const cellHead = v128.load(cell)
    const cellNorm = sum(products(cell + headBytes, cell + headBytes))
    const list = keys + ((<usize>index * <usize>keep) << 3)
    /* The neighbour's candidates are near this cell too: the farthest of them is the initial bound. */
    let limit: u32 = u32.MAX_VALUE
    if (index > from) {
      const neighbour = list - (<usize>keep << 3)
      limit = 0
      for (let i = 0; i < keep; i++) {
        const position = <usize>(load<u32>(neighbour + (<usize>i << 3)) / <u32>ways)
        const most = mostProducts(cell, bodies + position * bodyBytes, ways)
        limit = max(limit, cellNorm + load<u32>(norms + (position << 2)) - (<u32>most << 1))
      }
    }
    /* No tile has this key, and every tile within the limit sorts before it. */
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
        if (headDistance(cellHead, head) > limit) continue
        const body = bodies + <usize>position * bodyBytes
        const most = mostProducts(cell, body, ways)
        const distance = cellNorm + load<u32>(norms + (<usize>position << 2)) - (<u32>most << 1)
        if (distance > limit) continue
        const key =
          (<u64>distance << 32) | <u64>(<u32>position * <u32>ways + firstWay(cell, body, ways, most))
        if (key >= load<u64>(lastKey)) continue
        const group = load<u32>(groups + (<usize>position << 2))
        if (group !== alone) {
          const rival = findGroup(list, keep, ways, groups, group)
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

/**
 * Writes the squared distances of one cell from every tile in each orientation to `out`, 4 bytes each, by
 * position.
 */
export function distances(
  bodies: usize,
  norms: usize,
  count: i32,
  cell: usize,
  ways: i32,
  out: usize,
): void {
  const body = cell + headBytes
  const cellNorm = <i32>sum(products(body, body))
  let to = out
  for (let position = 0; position < count; position++) {
    const tile = bodies + <usize>position * bodyBytes
    const norm = cellNorm + load<i32>(norms + (<usize>position << 2))
    const parts = products(body, tile)
    if (ways === 1) store<i32>(to, norm - (<i32>sum(parts) << 1))
    else {
      const upright = i32x4.sub(i32x4.splat(norm), i32x4.shl(turned(parts), 1))
      if (ways === 2) v128.store64_lane(to, upright, 0)
      else v128.store(to, upright)
      if (ways === 8)
        v128.store(
          to + 16,
          i32x4.sub(i32x4.splat(norm), i32x4.shl(transposed(body + bodyBytes, tile), 1)),
        )
    }
    to += <usize>ways << 2
  }
}

/** Writes how far each tile is from one cell, whichever way it is turned, to `out`: 32-bit floats by position. */
export function measure(
  bodies: usize,
  norms: usize,
  count: i32,
  cell: usize,
  ways: i32,
  out: usize,
): void {
  const cellNorm = sum(products(cell + headBytes, cell + headBytes))
  for (let position = 0; position < count; position++) {
    const at = <usize>position << 2
    const most = mostProducts(cell, bodies + <usize>position * bodyBytes, ways)
    store<f32>(out + at, sqrt<f32>(<f32>(cellNorm + load<u32>(norms + at) - (<u32>most << 1))))
  }
}

/** Positions that are looked at at a time: of floats, a line of the cache. */
const block: i32 = 16

// @ts-expect-error
@inline
function affordable(costs: usize, prices: usize, limits: v128): v128 {
  return f32x4.le(f32x4.add(v128.load(costs), v128.load(prices)), limits)
}

/**
 * Finds the tile that costs a cell least, distance and price together, and the one that comes next, and writes their positions to
 * `found`; `nowhere` for what there is not. Outwards from the cell's place in the order of tiles, until the first value of heads
 * alone is too far: prices are not below 0.
 *
 * @param row distances by position, to the end of the last block
 * @param limit what comes next costs no more than this
 */
export function cheapest(
  heads: usize,
  count: i32,
  cell: usize,
  row: usize,
  prices: usize,
  limit: f32,
  found: usize,
): void {
  const first = <i32>load<i16>(cell)
  const middle = lowerBound(heads, count, first) / block
  let limits = f32x4.splat(limit)
  let least: f32 = f32.POSITIVE_INFINITY
  let next: f32 = f32.POSITIVE_INFINITY
  let leastAt: u32 = nowhere
  let nextAt: u32 = nowhere
  for (let direction = 0; direction < 2; direction++) {
    const step: i32 = direction === 0 ? block : -block
    let start: i32 = (direction === 0 ? middle : middle - 1) * block
    for (; start >= 0 && start < count; start += step) {
      const nearest = direction === 0 ? start : start + block - 1
      const apart = <i32>load<i16>(heads + <usize>nearest * headBytes) - first
      if (<f32>(direction === 0 ? apart : -apart) > limit) break
      const costs = row + (<usize>start << 2)
      const added = prices + (<usize>start << 2)
      const some = v128.or(
        v128.or(affordable(costs, added, limits), affordable(costs + 16, added + 16, limits)),
        v128.or(affordable(costs + 32, added + 32, limits), affordable(costs + 48, added + 48, limits)),
      )
      if (!v128.any_true(some)) continue
      for (let i = 0; i < block; i++) {
        const all = load<f32>(costs + (<usize>i << 2)) + load<f32>(added + (<usize>i << 2))
        if (!(all < next)) continue
        if (all < least) {
          next = least
          nextAt = leastAt
          least = all
          leastAt = <u32>(start + i)
        } else {
          next = all
          nextAt = <u32>(start + i)
        }
      }
      if (next < limit) {
        limit = next
        limits = f32x4.splat(limit)
      }
    }
  }
  store<u32>(found, leastAt)
  store<u32>(found, nextAt, 4)
}

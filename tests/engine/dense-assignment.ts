/**
 * The minimum cost of assigning every row its own column, by shortest augmenting paths over the dense matrix (the Hungarian
 * method, Jonker and Volgenant, 1987): slow, exact, and independent of the auction.
 */
export function leastCost(
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
): number {
  const u = new Float64Array(rows + 1)
  const v = new Float64Array(columns + 1)
  const rowOf = new Int32Array(columns + 1)
  const before = new Int32Array(columns + 1)
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row
    const distance = new Float64Array(columns + 1).fill(Infinity)
    const visited = new Uint8Array(columns + 1)
    let column = 0
    do {
      visited[column] = 1
      const current = rowOf[column]!
      let delta = Infinity
      let next = 0
      for (let j = 1; j <= columns; j++) {
        if (visited[j]) continue
        const reduced = cost(current - 1, j - 1) - u[current]! - v[j]!
        if (reduced < distance[j]!) {
          distance[j] = reduced
          before[j] = column
        }
        if (distance[j]! < delta) {
          delta = distance[j]!
          next = j
        }
      }
      for (let j = 0; j <= columns; j++)
        if (visited[j]) {
          u[rowOf[j]!]! += delta
          v[j]! -= delta
        } else distance[j]! -= delta
      column = next
    } while (rowOf[column] !== 0)
    do {
      const previous = before[column]!
      rowOf[column] = rowOf[previous]!
      column = previous
    } while (column !== 0)
  }
  let sum = 0
  for (let j = 1; j <= columns; j++) if (rowOf[j]! > 0) sum += cost(rowOf[j]! - 1, j - 1)
  return sum
}

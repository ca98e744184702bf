/** Shared by a running task and its caller: [stop requested, units of work done]. */
export type Shared = Int32Array<SharedArrayBuffer>

/** Counts `units` of work as done; throws if the caller has requested a stop. */
export function checkpoint(shared: Shared, units: number): void {
  if (Atomics.load(shared, 0) === 1) throw new Error('stopped by its caller')
  Atomics.add(shared, 1, units)
}

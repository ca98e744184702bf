/** What a running task and its caller share: [stop asked for, units of work done]. */
export type Shared = Int32Array<SharedArrayBuffer>

/** Counts `units` of work as done and ends the task when its caller wants no more of it. */
export function checkpoint(shared: Shared, units: number): void {
  if (Atomics.load(shared, 0) === 1) throw new Error('stopped by its caller')
  Atomics.add(shared, 1, units)
}

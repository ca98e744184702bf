import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Exports of `engine/wasm/assembly/nearest.ts`. Pointers are byte offsets into the shared memory. */
export interface Kernel {
  nearest(
    heads: number,
    bodies: number,
    norms: number,
    groups: number,
    count: number,
    cells: number,
    cellBytes: number,
    ways: number,
    from: number,
    to: number,
    keep: number,
    keys: number,
  ): void
  distances(bodies: number, norms: number, count: number, cell: number, ways: number, out: number): void
  measure(bodies: number, norms: number, count: number, cell: number, ways: number, out: number): void
  cheapest(
    heads: number,
    count: number,
    cell: number,
    row: number,
    prices: number,
    limit: number,
    found: number,
  ): void
}

let loading: Promise<WebAssembly.Module> | undefined

/** The compiled kernel. When run from sources, it is built on first use (2 s) and cached. */
export function loadKernel(): Promise<WebAssembly.Module> {
  loading ??= compile()
  return loading
}

async function compile(): Promise<WebAssembly.Module> {
  const beside = (file: string) => new URL(`./wasm/${file}`, import.meta.url)
  const built =
    extname(import.meta.url) === '.ts'
      ? await (await import(beside('build.mjs').href)).cachedKernel()
      : fileURLToPath(beside('nearest.wasm'))
  return WebAssembly.compile(await readFile(built))
}

export function startKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel
}

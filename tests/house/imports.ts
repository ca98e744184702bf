/** The code's imports, parsed from its text. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

export interface Import {
  /** Absolute. */
  file: string
  specifier: string
  typeOnly: boolean
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm

/** Imports of all files in a folder, at any depth. */
export function* importsOf(folder: string): Generator<Import> {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    for (const [, type, fixed, dynamic] of readFileSync(file, 'utf8').matchAll(importPattern)) {
      yield { file, specifier: (fixed ?? dynamic)!, typeOnly: type !== undefined }
    }
  }
}

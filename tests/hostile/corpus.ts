/** The corpus of attacks, generated each time: no hostile file is in the repository. */
import { archives } from './cases/archives.ts'
import { bodies } from './cases/bodies.ts'
import { bombs } from './cases/bombs.ts'
import { damage } from './cases/damage.ts'
import { disguises } from './cases/disguises.ts'
import { fetched } from './cases/fetched.ts'
import { metadata } from './cases/metadata.ts'
import { texts } from './cases/texts.ts'
import type { HostileCase } from './hostile-case.ts'

export const corpus: HostileCase[] = [
  ...bombs,
  ...damage,
  ...disguises,
  ...metadata,
  ...archives,
  ...bodies,
  ...texts,
  ...fetched,
]

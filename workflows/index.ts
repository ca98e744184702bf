/** Every workflow: one for each type of job, under the type's name. */

export { mosaic } from './mosaic.ts'
export { publish } from './publish.ts'
export { resize } from './resize.ts'
export { tiles } from './tiles.ts'
export { webhook } from './webhook.ts'

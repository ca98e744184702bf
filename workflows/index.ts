/** Every workflow: one for each type of job, under the type's name. */

export { bulk, bulkPart } from './bulk.ts'
export { mosaic } from './mosaic.ts'
export { resize } from './resize.ts'
export { tiles } from './tiles.ts'
export { webhook } from './webhook.ts'

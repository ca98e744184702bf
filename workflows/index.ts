/** Every workflow: one for each type of job, under the type's name, and those that keep watch. */
export { bulk, bulkPart } from './bulk.ts'
export { collector } from './collector.ts'
export { listener } from './listener.ts'
export { mosaic } from './mosaic.ts'
export { publish } from './publish.ts'
export { resize } from './resize.ts'
export { tiles } from './tiles.ts'
export { webhook } from './webhook.ts'

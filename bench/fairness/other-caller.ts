/**
 * A caller in its own process, running until it gets a message:
 * `fork(this, [JSON of a Caller, jobs in flight])`.
 */
import { askOnce, type Caller, keepAsking } from './caller.ts'

const [json = '', atOnce] = process.argv.slice(2)
const caller = JSON.parse(json) as Caller
let over = false
process.once('message', () => {
  over = true
})
const asking = keepAsking(caller, Number(atOnce) - 1, () => over)
await askOnce(caller)
process.send?.('busy')
await keepAsking(caller, 1, () => over)
await asking
process.disconnect()

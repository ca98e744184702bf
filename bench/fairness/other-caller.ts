/** A caller of its own process, until it is told that it is over: `fork(this, [JSON of a Caller, how many at once])`. */
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

/** A fault in an entry of a list of secrets. The message completes "got ..." and contains no secret. */
export class EntryFault extends Error {
  override readonly name = 'EntryFault'
}

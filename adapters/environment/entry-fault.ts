/** What is wrong with an entry of a list of secrets, in words that follow "got" and hold nothing of a secret. */
export class EntryFault extends Error {
  override readonly name = 'EntryFault'
}

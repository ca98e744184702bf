/**
 * An expected failure of a command: something about its surroundings is wrong. The message is a complete sentence: what was
 * expected, what was found, and how to fix it. Shown without a stack.
 */
export class Refusal extends Error {
  /** For programs: `port_in_use`, `data_dir_in_use`, ... */
  readonly code: string
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Refusal'
    this.code = code
  }
}

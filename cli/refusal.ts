/**
 * What stops a command on purpose: the person's surroundings are not as they must be. Its message is a whole
 * sentence that says what was expected, what came, and the way out. It is shown without a stack.
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

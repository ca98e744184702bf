export interface EnvironmentProblem {
  /** The variable's name. */
  name: string
  expected: string
  /** The received value, safe for logs: never that of a secret. */
  received: string
}

/** All problems of the environment together, so that they can be fixed at once. */
export class EnvironmentError extends Error {
  readonly code = 'environment_invalid'
  readonly retryable = false
  readonly problems: readonly EnvironmentProblem[]

  constructor(problems: readonly EnvironmentProblem[]) {
    const lines = problems.map(
      ({ name, expected, received }) => `  ${name}: expected ${expected}, got ${received}`,
    )
    super(`the environment is invalid:\n${lines.join('\n')}`)
    this.name = 'EnvironmentError'
    this.problems = problems
  }
}

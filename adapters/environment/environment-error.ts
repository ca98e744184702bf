export interface EnvironmentProblem {
  /** The variable's name. */
  name: string
  expected: string
  /** What came, fit for a log: the value of a secret is never in it. */
  received: string
}

/** Everything that is wrong with the environment, at once, so that one look is enough to put it right. */
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

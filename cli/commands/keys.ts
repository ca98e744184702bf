import { Command, InvalidArgumentError } from 'commander'
import { newApiKey, parseApiKey, scopes } from '../../adapters/environment/api-keys.ts'
import { EntryFault } from '../../adapters/environment/entry-fault.ts'

const scopesOf = (text: string): string[] => {
  const asked = text.split(/[,+]/).map((scope) => scope.trim())
  const wrong = asked.find((scope) => !(scopes as readonly string[]).includes(scope))
  if (wrong !== undefined) throw new InvalidArgumentError(`Expected ${scopes.join(', ')}, got ${wrong}.`)
  return asked
}

/** @throws {InvalidArgumentError} for an entry that `API_KEYS` would reject */
function checkEntry(entry: string): void {
  try {
    parseApiKey(entry)
  } catch (error) {
    if (!(error instanceof EntryFault)) throw error
    throw new InvalidArgumentError(`Expected a name and limits that API_KEYS takes, got ${error.message}.`)
  }
}

const newCommand = new Command('new')
  .description('create an API key')
  .argument('<name>', "the owner's name: lower-case letters, digits and ._-, at most 31")
  .option('--scopes <list>', 'what it allows: submit, read, operate', scopesOf, ['submit', 'read'])
  .option('--limits <limits>', 'limits, such as rate=10/s+jobs=50+bytes=5MiB')
  .option('--json', 'print it as JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme keys new ada
  mosaicme keys new ada --scopes submit,read --limits rate=10/s+jobs=50
  mosaicme keys new boss --scopes submit,read,operate --json
`,
  )
  .action((name: string, options: { scopes: string[]; limits?: string; json?: boolean }) => {
    const { key, digest } = newApiKey()
    const parts = [
      name,
      options.scopes.join('+'),
      ...(options.limits ? [options.limits] : []),
      `sha256:${digest}`,
    ]
    const entry = parts.join(':')
    checkEntry(entry)
    if (options.json) console.log(JSON.stringify({ key, entry }))
    else console.log(`The key, shown only once:  ${key}\nThe entry for API_KEYS:     ${entry}`)
  })

export const keysCommand = new Command('keys').description('create API keys').addCommand(newCommand)

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** SIGPIPE: see closed-output.mjs. */
const stops = ['SIGTERM', 'SIGINT', 'SIGPIPE']

/** Runs a program and throws if it fails. It is stopped together with us. */
export async function run(program, programArguments, options = {}) {
  const { quiet = false, ...spawnOptions } = options
  const child = spawn(program, programArguments, {
    cwd: root,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    // On Windows, npm is a script that needs a shell.
    shell: process.platform === 'win32',
    ...spawnOptions,
  })
  const output = []
  child.stdout?.on('data', (text) => output.push(text))
  child.stderr?.on('data', (text) => output.push(text))
  const pass = (signal) => {
    child.kill(signal)
    process.exitCode = 1
  }
  for (const signal of stops) process.on(signal, pass)
  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (...how) => resolve(how))
    })
    if (code === 0) return
    if (quiet) process.stderr.write(Buffer.concat(output))
    throw new Error(
      `${[program, ...programArguments].filter((word) => !word.includes('\n')).join(' ')} ended with ${signal ?? code}`,
    )
  } finally {
    for (const signal of stops) process.removeListener(signal, pass)
  }
}

/** Reports errors at the top level as a sentence instead of a stack. */
export async function tellFailure(work) {
  try {
    return await work()
  } catch (error) {
    console.error(`mosaicme: ${error instanceof Error ? error.message : error}`)
    process.exit(1)
  }
}

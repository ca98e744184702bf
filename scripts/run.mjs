import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** SIGPIPE: see closed-output.mjs. */
const stops = ['SIGTERM', 'SIGINT', 'SIGPIPE']

/** Runs a program to its end and throws when that is a bad one. It ends with us when we are told to stop. */
export async function run(program, programArguments, options = {}) {
  const { quiet = false, ...spawnOptions } = options
  const child = spawn(program, programArguments, {
    cwd: root,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    // npm is a script on Windows, which only a shell runs.
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

/** For the outermost level: a sentence instead of a stack. */
export async function tellFailure(work) {
  try {
    return await work()
  } catch (error) {
    console.error(`mosaicme: ${error instanceof Error ? error.message : error}`)
    process.exit(1)
  }
}

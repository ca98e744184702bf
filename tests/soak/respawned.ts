/** A process that is restarted whenever it is killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { programAt } from '../setup/programs.ts'

const program = programAt(new URL('worker.ts', import.meta.url))

export class Respawned {
  kills = 0
  #child: ChildProcess | undefined
  #stopping = false
  readonly #words: string[]
  readonly #env: NodeJS.ProcessEnv
  readonly #over: Promise<void>
  /** Whether it has served its queues since its last start. */
  working: Promise<unknown> = Promise.resolve()

  constructor(words: string[], env: NodeJS.ProcessEnv) {
    this.#words = words
    this.#env = env
    this.#over = this.#keepRunning()
  }

  kill(): void {
    this.kills++
    this.#child?.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child?.kill('SIGTERM')
    await this.#over
  }

  async #keepRunning(): Promise<void> {
    while (!this.#stopping) {
      const child = spawn(process.execPath, [...program, ...this.#words], {
        env: this.#env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      this.#child = child
      const endWithUs = () => void child.kill('SIGKILL')
      process.once('exit', endWithUs)
      this.working = once(child.stdout!, 'data')
      await once(child, 'exit')
      process.removeListener('exit', endWithUs)
    }
  }
}

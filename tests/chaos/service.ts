/** A process that is brought back whenever it ends, as a machine's supervisor or Kubernetes would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../scripts/mosaicme.mjs', import.meta.url))
/** ms between an end and the next start: nobody's supervisor spins. */
const pause = 250

export class Service {
  readonly name: string
  /** What it printed last each time it ended without having been told to. */
  readonly lastWords: string[] = []
  get deaths(): number {
    return this.lastWords.length
  }

  /** How often it was killed here. */
  kills = 0
  #words: string[]
  #env: Record<string, string>
  #child: ChildProcess | undefined
  #stopping = false
  #said = ''
  #works = false
  readonly #over: Promise<void>

  constructor(name: string, words: string[], env: Record<string, string>) {
    this.name = name
    this.#words = words
    this.#env = env
    this.#over = this.#keepRunning()
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Whether it is past its start: it has said that it works. One that is killed before that never does anything. */
  get working(): boolean {
    return this.running && this.#works
  }

  /** What it printed last, for whoever wants to know why it ended. */
  get said(): string {
    return this.#said
  }

  kill(): void {
    if (!this.running) return
    this.kills++
    this.#child?.kill('SIGKILL')
  }

  /** Ends it the way a deployment does; resolves when it has been started again and works. */
  async restart(): Promise<void> {
    const { pid } = this
    this.#child?.kill('SIGTERM')
    while (this.pid === pid || !this.working) await delay(50)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child?.kill('SIGTERM')
    await this.#over
  }

  async #keepRunning(): Promise<void> {
    while (!this.#stopping) {
      const child = spawn(process.execPath, [command, ...this.#words], {
        env: this.#env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      this.#child = child
      this.#said = ''
      this.#works = false
      const endWithUs = () => child.kill('SIGKILL')
      process.once('exit', endWithUs)
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => {
          this.#said = (this.#said + text).slice(-4000)
          this.#works ||= /"msg":"working"/.test(String(text))
        })
      const killsBefore = this.kills
      const [code] = (await once(child, 'exit')) as [number | null]
      process.removeListener('exit', endWithUs)
      if (!this.#stopping && this.kills === killsBefore && code !== 0)
        this.lastWords.push(`code ${code}: ${this.#said}`)
      if (!this.#stopping) await delay(pause)
    }
  }
}

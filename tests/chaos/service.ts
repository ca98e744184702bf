/** A process that is restarted whenever it ends, as a supervisor or Kubernetes would do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../scripts/mosaicme.mjs', import.meta.url))
/** Delay before a restart, ms, as supervisors have. */
const pause = 250

export class Service {
  readonly name: string
  /** Its last output for each time it died without being stopped. */
  readonly lastWords: string[] = []
  get deaths(): number {
    return this.lastWords.length
  }

  /** How often the test killed it. */
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

  /** Whether it has reported that it is ready. If it is always killed before that, it never does anything. */
  get working(): boolean {
    return this.running && this.#works
  }

  /** Its last output, to explain why it ended. */
  get said(): string {
    return this.#said
  }

  kill(): void {
    if (!this.running) return
    this.kills++
    this.#child?.kill('SIGKILL')
  }

  /** Stops it like a deployment; resolves when it has been restarted and is ready. */
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

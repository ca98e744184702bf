import { Presets, SingleBar } from 'cli-progress'

/** Shows a progress bar per stage on a terminal, and nothing elsewhere. */
export class StageProgress {
  readonly #shown: boolean
  #bar: SingleBar | undefined
  constructor(shown: boolean) {
    this.#shown = shown
  }

  stage(name: string): (done: number, total: number) => void {
    if (!this.#shown) return () => {}
    let bar: SingleBar | undefined
    return (done, total) => {
      if (!bar) {
        this.end()
        const format = `${name.padEnd(13)} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`
        bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic)
        bar.start(total, done)
        this.#bar = bar
      }
      bar.update(done)
    }
  }

  end(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

import type { Given, Histories } from './explanations.ts'
import { noId } from './pushing.ts'

const always = Number.NEGATIVE_INFINITY

/** All that was pushed, as the pushers know it. */
export class PushRecord {
  readonly #histories = new Map<string, { id: string; begun: number; done: number }[]>()
  readonly orders: string[][] = []
  isOver = false

  /** Refs that one pusher will change one behind the other. */
  add(refs: string[]): void {
    this.orders.push(refs)
    for (const ref of refs) this.#histories.set(ref, [{ id: noId, begun: always, done: always }])
  }

  get histories(): Histories {
    return this.#histories
  }

  get refs(): string[] {
    return [...this.#histories.keys()]
  }

  /** Runs a push of one change and notes its moments; its value can be seen as soon as it has begun. */
  async change(ref: string, id: string, push: (old: string) => Promise<void>): Promise<void> {
    const history = this.#histories.get(ref) ?? []
    const old = history.at(-1)?.id ?? noId
    const given: { -readonly [Name in keyof Given]: Given[Name] } = {
      id,
      begun: performance.now(),
      done: Number.POSITIVE_INFINITY,
    }
    history.push(given)
    await push(old)
    given.done = performance.now()
  }
}

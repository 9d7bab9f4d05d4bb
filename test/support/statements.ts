import Database from 'better-sqlite3'

type Run = (this: { readonly source: string }, ...parameters: unknown[]) => unknown

/** The texts of the statements that this process asks SQLite while it is open: how much work an answer was, whatever the clock says. */
export class Statements {
  #heard: string[] = []
  readonly #restore: () => void

  constructor() {
    const probe = new Database(':memory:')
    const prototype = Object.getPrototypeOf(probe.prepare('select 1')) as Record<'all' | 'get' | 'run' | 'iterate', Run>
    probe.close()
    const before = { ...pick(prototype) }
    const heard = (text: string): void => void this.#heard.push(text)
    for (const [name, plain] of Object.entries(before) as [keyof typeof before, Run][]) {
      prototype[name] = function run(...parameters) {
        heard(this.source)
        return plain.apply(this, parameters)
      }
    }
    this.#restore = () => void Object.assign(prototype, before)
  }

  /** Those since it was last asked that read from tables; what is written of use and of events comes in its own time. */
  take(): string[] {
    const heard = this.#heard.filter((text) => /^select\b/i.test(text))
    this.#heard = []
    return heard
  }

  close(): void {
    this.#restore()
  }
}

const pick = ({ all, get, run, iterate }: Record<'all' | 'get' | 'run' | 'iterate', Run>) => ({ all, get, run, iterate })

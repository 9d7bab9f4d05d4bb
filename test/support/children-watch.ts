import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Between two looks, in milliseconds: git lives longer, but for the shortest questions. */
const interval = 25

const read = (pid: string, file: string): string => {
  try {
    return readFileSync(join('/proc', pid, file), 'latin1')
  } catch {
    return ''
  }
}

const childrenOf = (pid: string): string[] =>
  read(pid, join('task', pid, 'children'))
    .split(' ')
    .filter((child) => child !== '')

/** Sees what a server starts, and what that starts: their words and environments, as anybody on the machine could. */
export class ChildrenWatch {
  readonly #server: string
  readonly #seen = new Set<string>()
  readonly #texts = new Set<string>()
  readonly #dumpFilters = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(server: number) {
    this.#server = String(server)
    this.#timer = setInterval(() => this.look(), interval).unref()
  }

  /** Command line and environment of each. */
  get texts(): ReadonlySet<string> {
    return this.#texts
  }

  /** What a core dump of each would hold (`core(5)`). */
  get dumpFilters(): ReadonlySet<string> {
    return this.#dumpFilters
  }

  look(): void {
    this.#lookBelow(this.#server)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #lookBelow(pid: string): void {
    for (const child of childrenOf(pid)) {
      if (!this.#seen.has(child)) this.#see(child)
      this.#lookBelow(child)
    }
  }

  /** What has not become another program yet, or never will, is the server itself: its environment is its own. */
  #see(pid: string): void {
    const words = read(pid, 'cmdline')
    if (words === '' || words.startsWith(process.execPath)) return
    this.#seen.add(pid)
    this.#texts.add(`${words} ${read(pid, 'environ')}`)
    this.#dumpFilters.add(read(pid, 'coredump_filter').trim())
  }
}

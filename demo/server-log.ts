import type { Sallyport } from '../test/support/sallyport.ts'

type Line = Readonly<Record<string, unknown>>

/** How long the server may take to write the line about what it has answered, in milliseconds. */
const patience = 5_000

const isOfGit = (line: Line): boolean => line['door'] === 'ssh' || line['service'] !== undefined

const reasonIn = (line: Line): string | undefined => {
  const reason = line['meta.refusal_reason'] ?? line['meta.auth_fail_reason']
  return typeof reason === 'string' ? reason : undefined
}

const kindIn = (line: Line): string => (typeof line['token_kind'] === 'string' ? line['token_kind'] : 'anonymous')

/** A request that moved a repository's content, or, over SSH, a whole command; what only shows refs comes before it. */
const isTransfer = (line: Line): boolean => line['door'] === 'ssh' || line['phase'] === 'rpc'

/** When the request came, in milliseconds: the lines of several workers may arrive in another order. */
const startOf = (line: Line): number => Date.parse(String(line['time'])) - Number(line['duration_s'] ?? 0) * 1_000

const lastOf = (lines: readonly Line[]): Line | undefined => lines.toSorted((one, other) => startOf(one) - startOf(other)).at(-1)

const soon = async (work: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, patience)
  await Promise.race([work, promise])
  clearTimeout(timer)
}

/** What git asks of the server for one clone or push: each request leaves a line of its own. */
export interface Requests {
  /** Over HTTP git asks without its credential first, and is refused once before it shows it. */
  readonly asksFirst: boolean
  /** How many requests move content where all goes well. */
  readonly transfers: number
}

/**
 * The log of a running server, from now on. Every line of what was asked is waited for, since a line may be written
 * after the client has had its answer: left over, it would pass for one about what is asked next.
 */
export class ServerLog {
  readonly #server: Sallyport
  readonly #before: ReadonlySet<Line>

  constructor(server: Sallyport) {
    this.#server = server
    this.#before = new Set(server.log)
  }

  /** The kind of credential that was let in. */
  async admitted({ asksFirst, transfers }: Requests): Promise<string | undefined> {
    const [line] = await Promise.all([
      this.#last(transfers, (entry) => isTransfer(entry) && reasonIn(entry) === undefined),
      asksFirst ? this.#last(1, (entry) => reasonIn(entry) !== undefined) : undefined,
    ])
    return line && kindIn(line)
  }

  /** The precise reason of the refusal. */
  async refused({ asksFirst }: Requests): Promise<string | undefined> {
    const line = await this.#last(asksFirst ? 2 : 1, (entry) => reasonIn(entry) !== undefined)
    return line && reasonIn(line)
  }

  /** The last of as many lines that fit; nothing where there are fewer. */
  async #last(wanted: number, fits: (line: Line) => boolean): Promise<Line | undefined> {
    const found: Line[] = []
    const isEnough = (line: Line): boolean => {
      if (!this.#before.has(line) && isOfGit(line) && fits(line)) found.push(line)
      return found.length === wanted
    }
    await soon(this.#server.logged(isEnough))
    return found.length === wanted ? lastOf(found) : undefined
  }
}

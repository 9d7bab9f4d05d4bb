import type { Sallyport } from '../test/support/sallyport.ts'

type Line = Readonly<Record<string, unknown>>

/** How long the server may take to write the line about what it has answered, in milliseconds. */
const patience = 5_000

const isOfGit = (line: Line): boolean => line['door'] === 'ssh' || line['service'] !== undefined

/** Where no key was accepted, the log lists each that was offered, with its reason. */
const loginReason = (refused: unknown): unknown =>
  typeof refused === 'object' && refused !== null ? Object.values(refused)[0] : undefined

const reasonIn = (line: Line): string | undefined => {
  const reason = line['meta.auth_fail_reason'] ?? line['meta.refusal_reason'] ?? loginReason(line['refused'])
  return typeof reason === 'string' ? reason : undefined
}

const kindIn = (line: Line): string => (typeof line['token_type'] === 'string' ? line['token_type'] : 'anonymous')

const orNothing = (line: Promise<Line>): Promise<Line | undefined> => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), patience)
  return Promise.race([line, promise]).finally(() => clearTimeout(timer))
}

/** The log of a running server, from now on. */
export class ServerLog {
  readonly #server: Sallyport
  readonly #before: ReadonlySet<Line>

  constructor(server: Sallyport) {
    this.#server = server
    this.#before = new Set(server.log)
  }

  /** The kind of credential that was let in. */
  async admitted(): Promise<string | undefined> {
    const line = await this.#nth(1, (entry) => reasonIn(entry) === undefined)
    return line && kindIn(line)
  }

  /**
   * The precise reason of the refusal.
   * @param asksFirst git over HTTP asks without its credential first, and is refused once before it shows it
   */
  async refused(asksFirst: boolean): Promise<string | undefined> {
    const line = await this.#nth(asksFirst ? 2 : 1, (entry) => reasonIn(entry) !== undefined)
    return line && reasonIn(line)
  }

  #nth(wanted: number, fits: (line: Line) => boolean): Promise<Line | undefined> {
    let seen = 0
    const isIt = (line: Line): boolean => {
      if (this.#before.has(line) || !isOfGit(line) || !fits(line)) return false
      seen += 1
      return seen === wanted
    }
    return orNothing(this.#server.logged(isIt))
  }
}

import { parseArgs } from 'node:util'

export interface Options {
  /** Small repositories and few runs: to see that it works, not for figures. */
  readonly quick: boolean
  /** Also the memory of the servers while a repository of more than 300 MB passes through them. */
  readonly huge: boolean
  readonly json: boolean
  /** Also how costs grow with refs, with tokens and with clients. */
  readonly scale: boolean
  /** Puts the table and the pictures into docs/performance.md; asks for the whole run. */
  readonly write: boolean
  /** The one group of rows to measure. */
  readonly only: string | undefined
}

const usage = (groups: readonly string[]): string =>
  `usage: npm run bench -- [--quick] [--huge] [--scale] [--json] [--write] [--only ${groups.join('|')}]
  --quick  small repositories and few runs, to see that it works
  --huge   also measure memory while a repository of more than 300 MB is pushed and cloned
  --scale  also measure how costs grow with refs, with tokens and with clients
  --json   print JSON instead of a table
  --write  put the table and pictures into docs/performance.md (implies --huge and --scale)
  --only   measure one group of rows`

/** Reads the command line; throws one line with the usage where it is wrong. */
export const readOptions = (arguments_: readonly string[], groups: readonly string[]): Options => {
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values } = parseArgs({
      args: [...arguments_],
      options: { quick: flag, huge: flag, scale: flag, json: flag, write: flag, only: { type: 'string' } },
    })
    const { quick, json, write, only } = values
    if (only !== undefined && !groups.includes(only)) throw new Error(`--only: there is no group ${only}`)
    if (write && (quick || only !== undefined)) throw new Error('--write needs the whole run: without --quick and --only')
    const also = (flagged: boolean, group: string): boolean => flagged || write || only === group
    return { quick, json, write, only, huge: also(values.huge, 'memory'), scale: also(values.scale, 'scale') }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage(groups)}`)
  }
}

import { MalformedPacket, readHeader } from './pkt-line.ts'

/** One command of protocol 2, as its client wrote it (git's `protocol-v2`, "Command Request"). */
export interface Command {
  readonly name: string
  /** Bytes as Latin-1. */
  readonly capabilities: readonly string[]
  /** The packets behind the delimiter, as they came: a fetch may name many thousands of objects in them. */
  readonly words: Buffer
}

/** What every client says, and this git takes. Anything else is for git to judge. */
const knownCapability = /^(?:agent=[^\n]*|object-format=sha1|server-option=[^\n]*)$/

/** Lines without their ends, as Latin-1, and what came behind them. */
interface Lines {
  readonly lines: readonly string[]
  readonly end: { readonly kind: ReturnType<typeof readHeader>; readonly at: number }
}

const headerLength = 4

/** Goes over the packets with content from a place on; returns which one without content comes behind them, and where. */
const overLines = (request: Buffer, from: number, visit: (start: number, end: number) => void): Lines['end'] => {
  for (let at = from; ; ) {
    if (at + headerLength > request.length) throw new MalformedPacket('the data ended inside a packet')
    const header = readHeader(request.subarray(at, at + headerLength))
    if (typeof header !== 'number') return { kind: header, at }
    if (at + header > request.length) throw new MalformedPacket('the data ended inside a packet')
    visit(at + headerLength, at + header)
    at += header
  }
}

const linesFrom = (request: Buffer, from: number): Lines => {
  const lines: string[] = []
  const end = overLines(request, from, (start, stop) => lines.push(request.toString('latin1', start, stop).replace(/\n$/, '')))
  return { lines, end }
}

/** Where the words of a request end, and with them the request; undefined where it does not. */
const endOfWords = (request: Buffer, from: number): number | undefined => {
  const { kind, at } = overLines(request, from, () => {})
  return kind === 'flush' && at + headerLength === request.length ? at : undefined
}

const commandIn = (request: Buffer): Command | undefined => {
  const { lines, end } = linesFrom(request, 0)
  const from = end.kind === 'delimiter' ? end.at + headerLength : end.at
  const to = endOfWords(request, from)
  const names = lines.filter((line) => line.startsWith('command='))
  const capabilities = lines.filter((line) => !line.startsWith('command='))
  const name = names[0]?.slice('command='.length)
  if (to === undefined || name === undefined || names.length > 1) return undefined
  return capabilities.every((line) => knownCapability.test(line))
    ? { name, capabilities, words: request.subarray(from, to) }
    : undefined
}

/**
 * Reads a request that is one command and ends with it. Undefined where anything about it is out of the ordinary: git is
 * given that, and says what is wrong in its own words.
 */
export const readCommand = (request: Buffer): Command | undefined => {
  // Git's lines end at a NUL, which no client sends.
  if (request.includes(0)) return undefined
  try {
    return commandIn(request)
  } catch (error) {
    if (error instanceof MalformedPacket) return undefined
    throw error
  }
}

/** The words of a command, without their ends, as Latin-1. */
export const wordsIn = ({ words }: Command): readonly string[] => linesFrom(Buffer.concat([words, Buffer.from('0000')]), 0).lines

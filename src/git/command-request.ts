import { MalformedPacket, type Packet, PacketParser } from './pkt-line.ts'

/** One command of protocol 2, as its client wrote it (git's `protocol-v2`, "Command Request"). Bytes as Latin-1. */
export interface Command {
  readonly name: string
  readonly capabilities: readonly string[]
  readonly lines: readonly string[]
}

/** What every client says, and this git takes. Anything else is for git to judge. */
const knownCapability = /^(?:agent=[^\n]*|object-format=sha1|server-option=[^\n]*)$/

/** Git's lines end at a NUL, which no client sends. */
const lineOf = (packet: Packet): string | undefined =>
  packet.kind === 'data' && !packet.payload.includes(0) ? packet.payload.toString('latin1').replace(/\n$/, '') : undefined

const packetsOf = (request: Buffer): Packet[] | undefined => {
  const parser = new PacketParser()
  try {
    const packets = parser.push(request)
    parser.end()
    return packets
  } catch (error) {
    if (error instanceof MalformedPacket) return undefined
    throw error
  }
}

/** The lines up to a packet that is no line. */
const linesFrom = (packets: readonly Packet[], from: number): string[] => {
  const lines: string[] = []
  for (const packet of packets.slice(from)) {
    const line = lineOf(packet)
    if (line === undefined) break
    lines.push(line)
  }
  return lines
}

/**
 * Reads a request that is one command and ends with it. Undefined where anything about it is out of the ordinary: git is
 * given that, and says what is wrong in its own words.
 */
export const readCommand = (request: Buffer): Command | undefined => {
  const packets = packetsOf(request)
  if (packets === undefined) return undefined
  const head = linesFrom(packets, 0)
  const isDelimited = packets[head.length]?.kind === 'delimiter'
  const lines = isDelimited ? linesFrom(packets, head.length + 1) : []
  const end = head.length + (isDelimited ? lines.length + 1 : 0)
  if (packets[end]?.kind !== 'flush' || end + 1 !== packets.length) return undefined
  const names = head.filter((line) => line.startsWith('command='))
  const capabilities = head.filter((line) => !line.startsWith('command='))
  const name = names[0]?.slice('command='.length)
  if (name === undefined || names.length > 1 || !capabilities.every((line) => knownCapability.test(line))) return undefined
  return { name, capabilities, lines }
}

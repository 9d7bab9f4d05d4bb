import type { Readable } from 'node:stream'
import type { RefUpdate } from '../core/ref-update.ts'
import { PacketReader, type ReadPacket } from './packet-reader.ts'
import { MalformedPacket } from './pkt-line.ts'

/** The head of a push, read up to and including its flush-pkt (git's `pack-protocol`, "Reference Update Request"). */
export interface PushRequest {
  readonly updates: readonly RefUpdate[]
  readonly capabilities: ReadonlySet<string>
  /** What the client said with `git push -o`; what is not UTF-8 is left out. */
  readonly options?: readonly string[]
  /** The bytes that were read, to be given to git as they stood. */
  readonly raw: Buffer
}

/** Something that is not the head of a push; the message is safe to show. */
export class MalformedPush extends Error {}

const mostCommands = 100_000
const mostBytes = 16 * 2 ** 20
const longestName = 1024

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const textOf = (bytes: Buffer): string => {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new MalformedPush('a command of the push is not valid UTF-8')
  }
}

/** Also those of C1, which git lets pass: terminals obey them in whatever lists the ref. */
const hasControl = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true
  }
  return false
}

const commandShape = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (.+)$/s

const isZero = (id: string): boolean => /^0+$/.test(id)

/** Two ids of zero name neither what is nor what shall be; git would delete the ref as a broken one. */
const parseCommand = (text: string): RefUpdate => {
  const [, oldId, newId, ref] = commandShape.exec(text) ?? []
  if (oldId === undefined || newId === undefined || ref === undefined || oldId.length !== newId.length) {
    throw new MalformedPush('a command of the push is not "<old id> <new id> <ref>"')
  }
  if (isZero(oldId) && isZero(newId)) throw new MalformedPush('a command of the push does nothing')
  if (hasControl(ref)) throw new MalformedPush('a ref name holds a control character')
  if (Buffer.byteLength(ref) > longestName) throw new MalformedPush(`a ref name is longer than ${longestName} bytes`)
  return { ref, oldId, newId }
}

/** Collects the commands of one push. */
class Head {
  readonly #updates: RefUpdate[] = []
  readonly #refs = new Set<string>()
  readonly #raw: Buffer[] = []
  readonly #capabilities = new Set<string>()
  #size = 0

  add({ packet, raw }: ReadPacket): void {
    this.#size += raw.length
    if (this.#size > mostBytes) throw new MalformedPush(`the commands of the push are larger than ${mostBytes} bytes`)
    this.#raw.push(raw)
    if (packet.kind === 'data') this.#line(packet.payload)
    else if (packet.kind !== 'flush') throw new MalformedPush('the commands of a push end with a flush packet')
  }

  request(): PushRequest {
    return { updates: this.#updates, capabilities: this.#capabilities, raw: Buffer.concat(this.#raw) }
  }

  #line(payload: Buffer): void {
    const text = textOf(payload.at(-1) === 0x0a ? payload.subarray(0, -1) : payload)
    if (text.startsWith('shallow ')) return
    if (text.startsWith('push-cert')) throw new MalformedPush('signed pushes are not supported')
    this.#command(this.#withoutCapabilities(text))
  }

  /** Capabilities follow a NUL. They belong on the first command, but git takes them from any. */
  #withoutCapabilities(text: string): string {
    const nul = text.indexOf('\0')
    if (nul < 0) return text
    for (const word of text.slice(nul + 1).split(' ')) if (word !== '') this.#capabilities.add(word)
    return text.slice(0, nul)
  }

  #command(text: string): void {
    const update = parseCommand(text)
    if (this.#refs.has(update.ref)) throw new MalformedPush('the push names a ref twice')
    if (this.#updates.length === mostCommands) throw new MalformedPush(`a push may hold at most ${mostCommands} commands`)
    this.#refs.add(update.ref)
    this.#updates.push(update)
  }
}

const readHead = async (reader: PacketReader): Promise<PushRequest> => {
  const head = new Head()
  for (let isFirst = true; ; isFirst = false) {
    const read = await reader.next()
    if (read === undefined && isFirst) return head.request()
    if (read === undefined) throw new MalformedPush('the push ended before its commands did')
    head.add(read)
    if (read.packet.kind === 'flush') return head.request()
  }
}

/**
 * Reads the head of a push from the stream and leaves the stream right behind it. A stream that ends at once, or a
 * flush alone, is a push of nothing. Throws `MalformedPush`.
 */
export const readPush = async (input: Readable): Promise<PushRequest> => {
  const reader = new PacketReader(input)
  try {
    return await readHead(reader)
  } catch (error) {
    if (error instanceof MalformedPacket) throw new MalformedPush(error.message)
    throw error
  } finally {
    reader.release()
  }
}

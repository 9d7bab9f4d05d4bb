import type { Duplex } from 'node:stream'
import type { Refusal } from '../core/refusal.ts'
import { ByteReader } from './byte-reader.ts'
import { type ObjectLine, parseObjectLine } from './object-reader.ts'
import { encodeText } from './obligations.ts'
import type { PushInspection } from './push-inspection.ts'
import { looseObjects, quarantineOf, readLoose } from './quarantine.ts'

/** Bytes of an object that are looked at together, and how many of them once more with the next ones. */
const pieceSize = 2 ** 20
const overlap = 4_096

const lineFeed = 0x0a
/** Of a path, and of what leads an object. */
const longestLine = 2 ** 20

/** Suspects that are asked about one by one; of more, the rest is taken for new. */
const mostQuestions = 100

interface Line {
  readonly hook: Duplex
  readonly reader: ByteReader
  /** Told of every byte that moves. */
  readonly touch: () => void
}

const say = (hook: Duplex, words: string): void => {
  if (hook.writable) hook.write(`${words}\n`)
}

const hear = async (reader: ByteReader): Promise<string> => {
  const line = await reader.until(lineFeed, longestLine)
  if (line === undefined) throw new Error('the hook broke off')
  return line.toString('latin1')
}

const seeContent = async (reader: ByteReader, object: ObjectLine, inspection: PushInspection): Promise<void> => {
  let kept: Buffer = Buffer.alloc(0)
  for (let at = 0; at < object.size; ) {
    const size = Math.min(pieceSize, object.size - at)
    const fresh = await reader.take(size, size)
    const bytes = kept.length === 0 ? fresh : Buffer.concat([kept, fresh])
    await inspection.see({ object, at: at - kept.length, bytes })
    at += size
    kept = bytes.subarray(Math.max(0, bytes.length - overlap))
  }
}

/** What git shows. */
const seeShown = async ({ hook, reader }: Line, inspection: PushInspection): Promise<void> => {
  say(hook, 'show')
  for (let line = await hear(reader); line !== 'end'; line = await hear(reader)) {
    const object = parseObjectLine(line)
    if (object === undefined) throw new Error('the hook could not show an object')
    await seeContent(reader, object, inspection)
    await reader.take(1, 0)
  }
}

/** What a push brings. Of a small one git has made files, which we read; no process is started for that. */
const seeAll = async (line: Line, quarantine: string, inspection: PushInspection): Promise<void> => {
  const objects = looseObjects(quarantine)
  if (objects === undefined) return seeShown(line, inspection)
  for (const loose of objects) {
    line.touch()
    await readLoose(loose, async (object, content) => {
      if (object.type !== 'tree') await seeContent(content, object, inspection)
    })
  }
}

/** Paths of files among these objects. */
const pathsOf = async ({ hook, reader }: Line, ids: ReadonlySet<string>): Promise<Map<string, string>> => {
  say(hook, 'paths')
  const paths = new Map<string, string>()
  for (let line = await hear(reader); line !== 'end'; line = await hear(reader)) {
    const space = line.indexOf(' ')
    const id = space === -1 ? line : line.slice(0, space)
    if (id === 'failed') throw new Error('the hook could not name what is new')
    if (ids.has(id)) paths.set(id, space === -1 ? '' : Buffer.from(line.slice(space + 1), 'latin1').toString())
  }
  return paths
}

/** A pack may also bring what differences in it are told from, and that was there before. */
const newAmong = async ({ hook, reader }: Line, ids: ReadonlySet<string>, named: ReadonlyMap<string, string>) => {
  const fresh = new Set(ids)
  const unnamed = [...ids].filter((id) => !named.has(id))
  for (const id of unnamed.slice(0, mostQuestions)) {
    say(hook, `had ${id}`)
    if ((await hear(reader)) === 'yes') fresh.delete(id)
  }
  return fresh
}

const verdict = async (line: Line, inspection: PushInspection): Promise<Refusal | undefined> => {
  const suspects = await inspection.suspects()
  if (suspects.size === 0) return undefined
  const paths = await pathsOf(line, suspects)
  return inspection.conclude(await newAmong(line, suspects, paths), paths)
}

/** A push, as its hook is answered about it. */
export interface InspectedPush {
  readonly inspection: PushInspection
  /** Absolute path of the repository, made from its id. */
  readonly repository: string
  /** Told of every byte that moves. */
  readonly touch: () => void
}

const named = /^quarantine (.*)$/

/**
 * Answers the hook of one push: sees what it brings, and says whether it may land. Resolves with the refusal where it
 * may not; undefined too where git never came so far as to ask. Throws where it could not be found out; then the hook
 * hears nothing more and declines.
 */
export const answerHook = async (
  hook: Duplex,
  { inspection, repository, touch }: InspectedPush,
): Promise<Refusal | undefined> => {
  try {
    const line = { hook, reader: new ByteReader(passing(hook, touch)), touch }
    const first = await line.reader.until(lineFeed, longestLine)
    if (first === undefined) return undefined
    const name = named.exec(first.toString('latin1'))?.[1] ?? ''
    await seeAll(line, quarantineOf(repository, name), inspection)
    const refusal = await verdict(line, inspection)
    say(hook, refusal === undefined ? 'pass' : `decline ${encodeText(refusal.message)}`)
    await new Promise<void>((resolve) => hook.end(resolve))
    return refusal
  } finally {
    hook.destroy()
  }
}

async function* passing(hook: Duplex, touch: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of hook.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    touch()
    yield chunk
  }
}

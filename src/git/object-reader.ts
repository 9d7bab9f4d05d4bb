import { ByteReader, recordsOf } from './byte-reader.ts'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export interface ObjectLine {
  readonly id: string
  readonly type: ObjectType
  /** Bytes. */
  readonly size: number
}

export interface ReadObject extends ObjectLine {
  /** The whole of it, or its beginning. */
  readonly content: Buffer
}

const header = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob|tag) (\d{1,15})$/

/** The line that leads an object (`git help cat-file`); undefined where git has none, or several, of that name. */
export const parseObjectLine = (line: string): ObjectLine | undefined => {
  const [, id, type, size] = header.exec(line) ?? []
  return id === undefined ? undefined : { id, type: type as ObjectType, size: Number(size) }
}

const longestLine = 4_096
const lineFeed = 0x0a

/** Answers to `object-lines`, in the order in which they were asked. */
export const readObjectLines = async (output: AsyncIterable<Buffer>): Promise<(ObjectLine | undefined)[]> => {
  const lines: (ObjectLine | undefined)[] = []
  for await (const line of recordsOf(output, lineFeed, longestLine)) lines.push(parseObjectLine(line.toString()))
  return lines
}

/**
 * Answers to `objects`, in the order in which they were asked.
 * @param most bytes that are kept of each; the rest goes by
 */
export const readObjects = async (output: AsyncIterable<Buffer>, most: number): Promise<(ReadObject | undefined)[]> => {
  const reader = new ByteReader(output)
  const objects: (ReadObject | undefined)[] = []
  for (;;) {
    const line = await reader.until(lineFeed, longestLine)
    if (line === undefined) return objects
    const found = parseObjectLine(line.toString())
    objects.push(found && { ...found, content: await reader.take(found.size, most) })
    if (found !== undefined) await reader.take(1, 0)
  }
}

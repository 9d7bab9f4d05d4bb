import { recordsOf } from '../../../git/byte-reader.ts'

/** The commits of a history, one id a line. */
export const readIds = async (output: AsyncIterable<Buffer>): Promise<string[]> => {
  const ids: string[] = []
  for await (const line of recordsOf(output, 0x0a, 4_096)) ids.push(line.toString())
  return ids
}

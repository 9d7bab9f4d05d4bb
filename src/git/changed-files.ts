import type { ByteReader } from './byte-reader.ts'
import { unquotePath } from './quoted-path.ts'

/** What became of one file. Modes are octal; `0` where there is no file on that side. */
export interface ChangedFile {
  readonly oldPath: string
  readonly newPath: string
  readonly oldMode: string
  readonly newMode: string
}

const none = '0'

const modeOf = (digits: string): string => digits.replace(/^0+(?=.)/, '')

const form = /^:(\d{6}) (\d{6}) [0-9a-f]{40,64} [0-9a-f]{40,64} ([A-Z])\d*\t([^\t]+)(?:\t([^\t]+))?$/

/**
 * One line of `git diff-tree --raw`. What became another kind of thing (a file for a link) is one that went and one that
 * came, as in its patches. Throws where it is no such line.
 * @param line each byte as one character (latin1)
 */
export const parseChangedFile = (line: string): readonly ChangedFile[] => {
  const [, from, to, status, path, renamed] = form.exec(line) ?? []
  if (from === undefined || to === undefined || path === undefined)
    throw new Error('git wrote a changed file that cannot be read')
  const oldPath = unquotePath(path)
  const newPath = renamed === undefined ? oldPath : unquotePath(renamed)
  const [oldMode, newMode] = [modeOf(from), modeOf(to)]
  if (status !== 'T') return [{ oldPath, newPath, oldMode, newMode }]
  return [
    { oldPath, newPath, oldMode, newMode: none },
    { oldPath, newPath, oldMode: none, newMode },
  ]
}

/** Bytes of a line; paths may be long, and are longer in quotes. */
const longestLine = 2 ** 22

/** The lines before the first patch; beyond `most` they go by. */
export const readChangedFiles = async (reader: ByteReader, most: number): Promise<readonly ChangedFile[]> => {
  const files: ChangedFile[] = []
  for (;;) {
    const line = await reader.until(0x0a, longestLine)
    if (line === undefined || line.length === 0) return files
    if (files.length < most) files.push(...parseChangedFile(line.toString('latin1')))
  }
}

import { z } from 'zod'
import { type Diff, type FileDiff, readDiff } from '../../../git/diff-reader.ts'
import { words, yesNo } from '../entity-words.ts'
import { flag, optional } from '../input.ts'
import type { Code } from './code.ts'

/** gitlab `API::Entities::Diff` */
export const diffEntity = z
  .object({
    diff: words,
    collapsed: yesNo,
    too_large: yesNo,
    new_path: words,
    old_path: words,
    a_mode: words,
    b_mode: words,
    new_file: yesNo,
    renamed_file: yesNo,
    deleted_file: yesNo,
    generated_file: yesNo,
  })
  .meta({ id: 'Diff' })

export const unidiffInput = { unidiff: optional(flag()).meta({ description: 'With the two lines that name the file.' }) }

const none = '0'

/** The patch as `patch` takes it; nothing stands in front of what is no text, or not there. */
const unified = ({ text, oldPath, newPath, oldMode, newMode }: FileDiff): string => {
  if (!text.startsWith('@@')) return text
  const before = oldMode === none ? '/dev/null' : `a/${oldPath}`
  const after = newMode === none ? '/dev/null' : `b/${newPath}`
  return `--- ${before}\n+++ ${after}\n${text}`
}

/** Files that were generated are not told from others. */
export const shapeDiff = (file: FileDiff, unidiff = false): z.output<typeof diffEntity> => ({
  diff: unidiff ? unified(file) : file.text,
  collapsed: file.collapsed,
  too_large: file.tooLarge,
  new_path: file.newPath,
  old_path: file.oldPath,
  a_mode: file.oldMode,
  b_mode: file.newMode,
  new_file: file.oldMode === none,
  renamed_file: file.oldPath !== file.newPath,
  deleted_file: file.newMode === none,
  generated_file: false,
})

/** What changed from one commit to another, or since there was nothing. */
export const askForDiff = (code: Code, from: string | undefined, to: string, expanded: boolean): Promise<Diff> =>
  code.ask({ kind: 'diff', from, to }, (output) => readDiff(output, expanded))

import { ByteReader } from './byte-reader.ts'
import { type ChangedFile, readChangedFiles } from './changed-files.ts'
import { type Patch, readPatches } from './patches.ts'

export interface FileDiff extends ChangedFile {
  readonly text: string
  /** Left out since it comes late in a diff that is large already. */
  readonly collapsed: boolean
  /** Left out since it is larger than any patch that is shown. */
  readonly tooLarge: boolean
}

export interface Diff {
  readonly files: readonly FileDiff[]
  /** There are more files. */
  readonly overflow: boolean
}

interface Bounds {
  readonly files: number
  readonly lines: number
  /** Of all patches together. */
  readonly bytes: number
  /** Of one patch, in bytes. */
  readonly patch: number
}

const kilobyte = 1024

/**
 * How much of a diff is shown at all, and how much before patches are collapsed: what GitLab's settings say unless changed
 * (`diff_max_files`, `diff_max_lines`, `diff_max_patch_bytes`; `lib/gitlab/git/diff_collection.rb`).
 */
export interface DiffLimits {
  readonly all: Bounds
  readonly safe: Bounds
}

export const standardDiffLimits: DiffLimits = {
  all: { files: 1000, lines: 50_000, bytes: 5000 * kilobyte, patch: 200 * kilobyte },
  safe: { files: 100, lines: 5000, bytes: 500 * kilobyte, patch: 20 * kilobyte },
}

type Shown = Pick<FileDiff, 'text' | 'collapsed' | 'tooLarge'>

const hidden = (why: 'collapsed' | 'tooLarge'): Shown => ({ text: '', collapsed: false, tooLarge: false, [why]: true })

/** The sizes of what was read of a diff so far. */
class Tally {
  files = 0
  lines = 0
  bytes = 0

  add({ lines, size }: Patch): void {
    this.lines += lines
    this.bytes += size
  }

  exceeds(bounds: Bounds): boolean {
    return this.files >= bounds.files || this.lines >= bounds.lines || this.bytes >= bounds.bytes
  }
}

const show = (patch: Patch, tally: Tally, { safe }: DiffLimits, expanded: boolean): Shown => {
  const { text, size } = patch
  if (text === undefined) return hidden('tooLarge')
  if (!expanded && size > 0 && (size >= safe.patch || tally.exceeds(safe))) return hidden('collapsed')
  return { text: text.toString(), collapsed: false, tooLarge: false }
}

/**
 * Answers to `diff`, as far as they are shown; the caller need not wait for the rest.
 * @param expanded collapses nothing: a patch is there unless it is too large by itself
 */
export const readDiff = async (
  output: AsyncIterable<Buffer>,
  expanded: boolean,
  limits: DiffLimits = standardDiffLimits,
): Promise<Diff> => {
  const reader = new ByteReader(output)
  const changed = await readChangedFiles(reader, limits.all.files)
  const files: FileDiff[] = []
  const tally = new Tally()
  for await (const patch of readPatches(reader, limits.all.patch)) {
    const shown = show(patch, tally, limits, expanded)
    if (!shown.tooLarge) tally.add(patch)
    if (tally.exceeds(limits.all)) return { files, overflow: true }
    const file = changed[tally.files]
    if (file === undefined) throw new Error('git wrote more patches than changed files')
    files.push({ ...file, ...shown })
    tally.files += 1
  }
  if (files.length !== changed.length) throw new Error('git wrote fewer patches than changed files')
  return { files, overflow: false }
}

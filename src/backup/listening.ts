import type { Part } from './contents.ts'

/** Hears of what goes through. */
export interface Listener {
  readonly onPart: (part: Part) => void
  /** Of a piece of a file. */
  readonly onBytes: (bytes: number) => void
}

/** What goes on in an archive that is written or read. */
export type ArchiveEvent =
  | { readonly kind: 'part'; readonly part: Part }
  /** So many of the bytes of files so far. */
  | { readonly kind: 'bytes'; readonly bytes: number }

export const listening = (heard: (event: ArchiveEvent) => void): Listener => {
  let all = 0
  return {
    onPart: (part) => heard({ kind: 'part', part }),
    onBytes(bytes) {
      all += bytes
      heard({ kind: 'bytes', bytes: all })
    },
  }
}

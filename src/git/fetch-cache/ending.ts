import type { Ending } from '../engine.ts'

/** How an answer ended, as every process can read it in the file. */
export type StoredEnd =
  | { readonly kind: 'whole' }
  /** Git failed; what it said until then is in the file. */
  | { readonly kind: 'failed'; readonly ending: Ending }
  /** Nobody read it any more, or its maker stopped. */
  | { readonly kind: 'abandoned' }
  /** There is no room for it. */
  | { readonly kind: 'too-large' }
  /** The disk failed. */
  | { readonly kind: 'broken' }

/** How an answer ended, as this process knows it. */
export type End =
  | StoredEnd
  /** Its maker died. */
  | { readonly kind: 'lost' }
  /** Its maker, in this process, threw. */
  | { readonly kind: 'faulty'; readonly fault: unknown }

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const endingFrom = (value: unknown): Ending | undefined => {
  if (!isRecord(value)) return undefined
  const { kind, code, reason } = value
  if (kind === 'exited' && typeof code === 'number') return { kind, code }
  if (kind === 'aborted' && typeof reason === 'string') return { kind, reason }
  return kind === 'busy' ? { kind } : undefined
}

const longestReason = 160

const storable = (ending: Ending): Ending => {
  if (ending.kind === 'exited') return { kind: 'exited', code: ending.code }
  return ending.kind === 'aborted' ? { kind: 'aborted', reason: ending.reason.slice(0, longestReason) } : ending
}

export const endToText = (end: StoredEnd): string =>
  JSON.stringify(end.kind === 'failed' ? { kind: end.kind, ending: storable(end.ending) } : { kind: end.kind })

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What makes no sense is broken. */
export const endFromText = (text: string): StoredEnd => {
  const value = parsed(text)
  const { kind, ending } = isRecord(value) ? value : {}
  if (kind === 'whole' || kind === 'abandoned' || kind === 'too-large') return { kind }
  const failure = kind === 'failed' ? endingFrom(ending) : undefined
  return failure === undefined ? { kind: 'broken' } : { kind: 'failed', ending: failure }
}

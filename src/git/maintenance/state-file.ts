import { randomBytes } from 'node:crypto'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory, writeNewFile } from '../durable-files.ts'
import { unlessAbsent } from '../system-errors.ts'
import { isPackName } from './packs.ts'

/** A pack whose objects are in newer ones, as it was when they were made. */
export interface OldPack {
  readonly name: string
  readonly touchedAt: number
}

/** What waits until no fetch can need it any more. */
export interface Retirement {
  /** When the new packs were there, in milliseconds. */
  readonly since: number
  readonly packs: readonly OldPack[]
  /** Objects that nothing leads to were left out of the new packs, where they were old enough. */
  readonly whole: boolean
  /** Loose ones that are older than this go too, in milliseconds. */
  readonly expireBefore: number
}

/** What is known of earlier runs. It lies beside git's own files, so that it goes where the repository goes. */
export interface State {
  /** When all was packed anew last, in milliseconds. */
  readonly wholeAt: number | undefined
  readonly retirement: Retirement | undefined
}

export const noState: State = { wholeAt: undefined, retirement: undefined }

const nameOf = (directory: string): string => join(directory, 'sallyport-maintenance.json')

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0
const isName = (value: unknown): value is string => typeof value === 'string' && isPackName(value)
const isOldPack = (value: unknown): value is OldPack => isFields(value) && isName(value['name']) && isTime(value['touchedAt'])

const retirementOf = (value: unknown): Retirement | undefined => {
  if (!isFields(value)) return undefined
  const { since, packs, whole, expireBefore } = value
  if (!isTime(since) || !isTime(expireBefore) || typeof whole !== 'boolean') return undefined
  return Array.isArray(packs) && packs.every(isOldPack) ? { since, packs, whole, expireBefore } : undefined
}

/** What cannot be read is as nothing: it only says what may go, and all that it says is checked again. */
export const parseState = (text: string): State => {
  try {
    const value: unknown = JSON.parse(text)
    if (!isFields(value)) return noState
    const { wholeAt, retirement } = value
    return { wholeAt: isTime(wholeAt) ? wholeAt : undefined, retirement: retirementOf(retirement) }
  } catch {
    return noState
  }
}

export const readState = async (directory: string): Promise<State> =>
  parseState((await unlessAbsent(readFile(nameOf(directory), 'utf8'))) ?? '')

/** Whole and on disk when this returns. */
export const writeState = async (directory: string, state: State): Promise<void> => {
  const unfinished = `${nameOf(directory)}.${randomBytes(6).toString('hex')}`
  try {
    await writeNewFile(unfinished, `${JSON.stringify(state)}\n`)
    await rename(unfinished, nameOf(directory))
  } catch (fault) {
    await rm(unfinished, { force: true })
    throw fault
  }
  await syncDirectory(directory)
}

/** The code of a system call that failed, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Nothing has that name, or what should be a folder on the way to it is a file. */
export const isAbsence = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')

/** Absence is a value here, since files come and go while they are read; every other failure is thrown. */
export const unlessAbsent = async <Value>(work: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await work
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

/** The same in step, for what is read; a folder in the place of a file counts as its absence too. */
export const unlessMissing = <Value>(read: () => Value): Value | undefined => {
  try {
    return read()
  } catch (error) {
    if (isAbsence(error) || codeOf(error) === 'EISDIR') return undefined
    throw error
  }
}

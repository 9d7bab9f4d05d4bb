const absences = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])

/** Absence is a value here, since refs come and go while they are read; every other failure is thrown. */
export const unlessMissing = <Value>(read: () => Value): Value | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && absences.has(error.code)) return undefined
    throw error
  }
}

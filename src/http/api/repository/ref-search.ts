/** The words between the stars in their order, each as early as it can be. */
const fits = (name: string, pieces: readonly string[], atStart: boolean, atEnd: boolean): boolean => {
  const [first = '', ...rest] = pieces
  if (atStart && !name.startsWith(first)) return false
  const last = atEnd ? rest.pop() : undefined
  let at = atStart ? first.length : 0
  for (const piece of atStart ? rest : [first, ...rest]) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  if (!atEnd) return true
  return last === undefined
    ? name.endsWith(first) && (!atStart || name === first)
    : name.length - last.length >= at && name.endsWith(last)
}

/**
 * Names that hold a text, whatever the case: `^` stands for their beginning, `$` for their end, `*` for anything
 * (gitlab `app/finders/git_refs_finder.rb`). Without these, the very name comes first.
 */
export const searchNames = (names: readonly string[], text: string): string[] => {
  const wanted = text.toLowerCase()
  const [atStart, atEnd] = [wanted.startsWith('^'), wanted.endsWith('$')]
  const pieces = wanted.slice(atStart ? 1 : 0, atEnd ? -1 : undefined).split('*')
  const found = names.filter((name) => fits(name.toLowerCase(), pieces, atStart, atEnd))
  const exact = found.findIndex((name) => name.toLowerCase() === wanted)
  if (exact <= 0) return found
  return [...found.slice(exact, exact + 1), ...found.slice(0, exact), ...found.slice(exact + 1)]
}

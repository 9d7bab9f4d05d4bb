/** What would end a word or a command in a shell when it stands outside quotes. */
const operators = new Set([';', '&', '|', '<', '>', '`', '(', ')', '\n'])
const blanks = new Set([' ', '\t', '\r'])

interface Reading {
  readonly words: string[]
  /** The word being read; undefined between words, since `''` is a word too. */
  word: string | undefined
}

/** Reads a quoted part from behind its opening quote; answers the index behind the closing one. */
const readQuoted = (text: string, start: number, quote: string, reading: Reading): number | undefined => {
  reading.word ??= ''
  for (let index = start; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === quote) return index + 1
    const next = text.charAt(index + 1)
    const escapes = quote === '"' && character === '\\' && (next === '"' || next === '\\')
    if (escapes) index += 1
    reading.word += escapes ? next : character
  }
  return undefined
}

/** Reads one step outside quotes; answers the index of the next, or `undefined` where the line makes no sense. */
const readStep = (text: string, index: number, reading: Reading): number | undefined => {
  const character = text.charAt(index)
  if (operators.has(character)) return undefined
  if (character === "'" || character === '"') return readQuoted(text, index + 1, character, reading)
  if (blanks.has(character)) {
    if (reading.word !== undefined) reading.words.push(reading.word)
    reading.word = undefined
    return index + 1
  }
  const escaped = character === '\\'
  if (escaped && index + 1 >= text.length) return undefined
  reading.word = (reading.word ?? '') + (escaped ? text.charAt(index + 1) : character)
  return index + (escaped ? 2 : 1)
}

/**
 * Splits a command line as a POSIX shell would, and expands nothing: quotes and backslashes only. `undefined` where a
 * quote is left open or where a shell would see more than one plain command.
 */
export const splitWords = (text: string): readonly string[] | undefined => {
  const reading: Reading = { words: [], word: undefined }
  let index: number | undefined = 0
  while (index !== undefined && index < text.length) index = readStep(text, index, reading)
  if (index === undefined) return undefined
  return reading.word === undefined ? reading.words : [...reading.words, reading.word]
}

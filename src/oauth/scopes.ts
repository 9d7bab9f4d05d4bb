/** Of an application that does not say what it asks for (gitlab `config/initializers/doorkeeper.rb`, `default_scopes`). */
const standardScope = 'api'

const mostAsked = 64

/** A list as the wire has it: words with blanks between (RFC 6749, 3.3). */
export const scopeWords = (text: string): readonly string[] => [...new Set(text.split(' ').filter((word) => word !== ''))]

/**
 * What is asked for; undefined where that is more than may be had. Nothing is left out quietly.
 * @param may all that may be had: the application's, or what was granted once
 */
export const scopesAsked = (text: string | undefined, may: readonly string[]): readonly string[] | undefined => {
  const asked = text === undefined ? [standardScope] : scopeWords(text)
  return asked.length > 0 && asked.length <= mostAsked && asked.every((scope) => may.includes(scope)) ? asked : undefined
}

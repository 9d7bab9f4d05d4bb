interface Trailers {
  readonly trailers: Record<string, string>
  readonly extended_trailers: Record<string, string[]>
}

const trailer = /^([A-Za-z0-9-]{1,255}):[ \t]*(.*)$/

/** The last paragraph, where each of its lines is a trailer or goes on with one; the first paragraph is the title. */
const lastParagraph = (message: string): string[] => {
  const paragraphs = message.trimEnd().split(/\n[ \t]*\n/)
  return paragraphs.length < 2 ? [] : (paragraphs.at(-1) ?? '').split('\n')
}

const pairsOf = (lines: readonly string[]): (readonly [string, string])[] => {
  const pairs: [string, string][] = []
  for (const line of lines) {
    const last = pairs.at(-1)
    const [, name, value = ''] = trailer.exec(line) ?? []
    if (name !== undefined) pairs.push([name, value.trim()])
    else if (last !== undefined && /^[ \t]/.test(line)) last[1] = `${last[1]} ${line.trim()}`
    else return []
  }
  return pairs
}

/** Git trailers of a commit's message (`git help interpret-trailers`); where one comes again, the last one counts. */
export const trailersOf = (message: string): Trailers => {
  const pairs = pairsOf(lastParagraph(message))
  const all = Map.groupBy(pairs, ([name]) => name)
  return {
    trailers: Object.fromEntries(pairs),
    extended_trailers: Object.fromEntries([...all].map(([name, of]) => [name, of.map(([, value]) => value)])),
  }
}

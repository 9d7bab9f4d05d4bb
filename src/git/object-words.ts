/** Who made a commit or tag, and when. */
export interface Signature {
  readonly name: string
  readonly email: string
  /** Seconds. */
  readonly seconds: number
  /** Of that place from UTC, in minutes. */
  readonly offset: number
}

export interface Commit {
  readonly id: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

export interface Tag {
  readonly id: string
  /** Absent in a few very old tags. */
  readonly tagger: Signature | undefined
  readonly message: string
}

interface Parts {
  readonly headers: readonly (readonly [name: string, value: Buffer])[]
  readonly body: Buffer
}

const lineFeed = 0x0a
const space = 0x20

/** The lines before the first empty one; those that begin with a space go on with the line before, and are not needed here. */
const partsOf = (content: Buffer): Parts => {
  const headers: (readonly [string, Buffer])[] = []
  let at = 0
  while (at < content.length && content[at] !== lineFeed) {
    const found = content.indexOf(lineFeed, at)
    const end = found < 0 ? content.length : found
    const gap = content.indexOf(space, at)
    if (content[at] !== space && gap > at && gap < end) {
      headers.push([content.toString('latin1', at, gap), content.subarray(gap + 1, end)])
    }
    at = end + 1
  }
  return { headers, body: content.subarray(Math.min(at + 1, content.length)) }
}

/** The encoding that a commit names, where it is one that is known; everything else is read as UTF-8. */
const decoderFor = (label: string | undefined): InstanceType<typeof TextDecoder> => {
  try {
    return new TextDecoder(label ?? 'utf-8')
  } catch {
    return new TextDecoder()
  }
}

const noOne: Signature = { name: '', email: '', seconds: 0, offset: 0 }

const offsetOf = (zone: string): number => {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})$/.exec(zone) ?? []
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  if (offset > 14 * 60) return 0
  return sign === '-' ? -offset : offset
}

/** Beyond this, in seconds, is no date any more: the end of the year 9999. */
const lastMoment = 253_402_300_799

/** `Ada <ada@example.com> 1700000000 +0100`; what is not so is read as well as it can be. */
const parseSignature = (text: string): Signature => {
  const [open, close] = [text.indexOf('<'), text.lastIndexOf('>')]
  if (open < 0 || close < open) return { ...noOne, name: text.trim() }
  const [seconds = '', zone = ''] = text
    .slice(close + 1)
    .trim()
    .split(' ')
  const isMoment = /^\d{1,12}$/.test(seconds) && Number(seconds) <= lastMoment
  return {
    name: text.slice(0, open).trim(),
    email: text.slice(open + 1, close),
    seconds: isMoment ? Number(seconds) : 0,
    offset: isMoment ? offsetOf(zone) : 0,
  }
}

const reads = ({ headers }: Parts) => {
  const label = headers.find(([name]) => name === 'encoding')?.[1].toString('latin1')
  const decoder = decoderFor(label)
  const all = (name: string): string[] => headers.flatMap((header) => (header[0] === name ? [decoder.decode(header[1])] : []))
  return { all, text: (bytes: Buffer) => decoder.decode(bytes) }
}

/** A commit object as git stores it. */
export const parseCommit = (id: string, content: Buffer): Commit => {
  const parts = partsOf(content)
  const { all, text } = reads(parts)
  return {
    id,
    parents: all('parent'),
    author: parseSignature(all('author')[0] ?? ''),
    committer: parseSignature(all('committer')[0] ?? ''),
    message: text(parts.body),
  }
}

/** A tag object as git stores it. */
export const parseTag = (id: string, content: Buffer): Tag => {
  const parts = partsOf(content)
  const { all, text } = reads(parts)
  const tagger = all('tagger')[0]
  return { id, tagger: tagger === undefined ? undefined : parseSignature(tagger), message: text(parts.body) }
}

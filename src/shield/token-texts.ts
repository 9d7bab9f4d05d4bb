import type { Needle, Wrapping } from './needles.ts'

/** Longest text behind a mark that is looked at, in bytes as it stands; a secret in base64 twice takes less. */
export const longestText = 1024

/** Characters that the server makes behind a prefix (`tokens/make.ts`). */
const madeLength = 20

const base64Run = /^[A-Za-z0-9+/_-]+/

/** The same over the ends of lines, as mail and YAML break it. */
const brokenRun = /^[A-Za-z0-9+/_-]+(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+)*/

const unwrap = (text: string, { lead, bytes }: Wrapping, run: RegExp): string => {
  const inner = run.exec(text)?.[0] ?? ''
  return Buffer.from(`${lead}${inner}`, 'base64').toString('latin1', bytes)
}

const percentCode = /%([0-9a-f]{2})/gi

/** Codes of addresses undone, twice where they were made twice. */
const withoutCodes = (text: string): string => {
  if (!text.includes('%')) return text
  const undone = text.replaceAll(percentCode, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  return undone.replaceAll(percentCode, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** A secret ends where its length is reached, or where no more of its characters come; a dot may be the sentence's. */
const bodies = (behind: string): ReadonlySet<string> => {
  const short = /^[\w-]*/.exec(behind)?.[0] ?? ''
  const long = /^[\w.-]*/.exec(behind)?.[0] ?? ''
  const all = [short.slice(0, madeLength), short, long, long.replace(/\.+$/, '')]
  return new Set(all.filter((body) => body.length >= madeLength))
}

const plainText = (text: string, { wrappings }: Needle, run: RegExp): string =>
  wrappings.reduce((inner, wrapping) => unwrap(inner, wrapping, run), text)

/**
 * The secrets that may begin where a needle was found.
 * @param text from there on; each byte as one character (latin1)
 */
export const secretsAt = (text: string, needle: Needle): ReadonlySet<string> => {
  const { mark } = needle
  const runs = needle.wrappings.length === 0 ? [base64Run] : [base64Run, brokenRun]
  const secrets = new Set<string>()
  for (const run of runs) {
    const plain = withoutCodes(plainText(text, needle, run))
    if (!plain.startsWith(mark.text)) continue
    for (const body of bodies(plain.slice(mark.text.length))) secrets.add(mark.isPart ? mark.text + body : body)
  }
  return secrets
}

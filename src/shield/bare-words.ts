/** Characters of a token of OAuth, which is nothing but hexadecimal. */
export const bareLength = 64

const isWord = new Uint8Array(256)
for (const character of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')) isWord[character] = 1
const isHexadecimal = new Uint8Array(256)
for (const character of Buffer.from('0123456789abcdef')) isHexadecimal[character] = 1

const wordStart = (bytes: Buffer, inside: number, least: number): number => {
  let at = inside
  while (at > least && isHexadecimal[bytes[at - 1] ?? 0] === 1) at -= 1
  return at
}

const wordEnd = (bytes: Buffer, inside: number): number => {
  let at = inside
  while (at < bytes.length && isHexadecimal[bytes[at] ?? 0] === 1) at += 1
  return at
}

/** Where words of exactly this form begin: of each 64 bytes one is looked at, which lies in the word if there is one. */
export function* bareWords(bytes: Buffer): Generator<number> {
  let least = 0
  for (let at = bareLength - 1; at < bytes.length; at += bareLength) {
    if (isHexadecimal[bytes[at] ?? 0] === 0) continue
    const from = wordStart(bytes, at, least)
    const to = wordEnd(bytes, at)
    const isAlone = isWord[bytes[from - 1] ?? 0] === 0 && isWord[bytes[to] ?? 0] === 0
    if (to - from === bareLength && isAlone) yield from
    least = to
    while (at + bareLength < to) at += bareLength
  }
}

import fc from 'fast-check'
import { expect } from 'vitest'
import { delimiter, flush, packet, packetsOf } from './packets.ts'
import type { Worker } from './proving-ground.ts'
import { answerTo, conversation } from './stock-git.ts'

const pieces: readonly Buffer[] = [
  ...['command=ls-refs\n', 'command=ls-refs', 'command=object-info\n', 'command=fetch\n', 'command=x\n'],
  ...['agent=x\n', 'object-format=sha1', 'object-format=sha1\n', 'object-format=sha256\n', 'server-option=1\n', 'magic=1\n'],
  ...['peel\n', 'peel', 'symrefs\n', 'unborn\n', 'ref-prefix refs/heads/\n', 'ref-prefix ', 'ref-prefix\n', 'size\n', 'magic\n'],
].map((text) => packet(text))

const wellFormed = (words: readonly Buffer[]): Buffer =>
  Buffer.concat([packet('command=ls-refs\n'), packet('object-format=sha1'), delimiter, ...words, flush])

/** Packets in any order; and commands as they should be, with something put in, taken out or cut off. */
export const oddRequest: fc.Arbitrary<Buffer> = fc.oneof(
  fc.array(fc.constantFrom(...pieces, delimiter, flush), { maxLength: 9 }).map((parts) => Buffer.concat(parts)),
  fc.array(fc.constantFrom(...pieces.slice(11)), { maxLength: 5 }).map(wellFormed),
  fc
    .tuple(fc.array(fc.constantFrom(...pieces.slice(11, 16)), { maxLength: 4 }), fc.nat(120), fc.nat(255))
    .map(([words, at, byte]) => {
      const body = Buffer.from(wellFormed(words))
      if (at < body.length) body[at] = byte
      return body
    }),
  fc
    .tuple(fc.array(fc.constantFrom(...pieces.slice(11, 16)), { maxLength: 4 }), fc.nat(120))
    .map(([words, at]) => wellFormed(words).subarray(0, at)),
)

const isOfPackets = (body: Buffer): boolean => {
  try {
    // An answer's end in a question is told apart elsewhere.
    return !packetsOf(body).includes('end')
  } catch {
    return false
  }
}

/** What git's answer becomes over HTTP: its words, or 400 where it ended with none. */
export const saysAsGit = async (
  { http, ssh }: Worker,
  place: { path: string; directory: string },
  body: Buffer,
): Promise<void> => {
  fc.pre(isOfPackets(body))
  const [heard, direct] = await Promise.all([http.uploadPack(place.path, body), answerTo(place.directory, body)])
  const isAnswered = direct.code === 0 || direct.output.length > 0
  expect(heard.status).toBe(isAnswered ? 200 : 400)
  if (isAnswered) expect(heard.body.toString('latin1')).toBe(direct.output.toString('latin1'))
  const [told, said] = await Promise.all([
    ssh.uploadPack(place.path, body, 'version=2'),
    conversation(place.directory, body, 'version=2'),
  ])
  expect([told.code, told.output.toString('latin1'), told.errors]).toEqual([
    said.code,
    said.output.toString('latin1'),
    said.errors,
  ])
}

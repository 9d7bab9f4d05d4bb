import fc from 'fast-check'
import { expect, test } from 'vitest'
import { onOneLine, TerminalText } from '../../src/cli/terminal-text.ts'

const ended = '\u001b[0m'

const shown = (...parts: readonly (string | Buffer)[]): string => {
  const text = new TerminalText()
  return parts.map((part) => text.take(Buffer.from(part))).join('') + text.rest()
}

test.each([
  ['plain lines', 'one\ntwo', 'one\ntwo'],
  ['colours', '\u001b[32;1mgreen\u001b[0;m\n', '\u001b[32;1mgreen\u001b[0;m\n'],
  ['marks of sections', 'section_start:1700000000:get_sources\r\u001b[0KGetting\n', 'Getting\n'],
  ['a cursor that moves', 'a\u001b[2Ab\u001b[10;10Hc', 'abc'],
  ['an erased screen', 'a\u001b[2J\u001b[Kb', 'ab'],
  ['a title', 'a\u001b]0;evil\u0007b\u001b]52;c;ZXZpbA==\u001b\\c', 'abc'],
  ['a question to the terminal', 'a\u001b[6n\u001b[cb', 'ab'],
  ['a string that does not end', 'a\u001b]0;evil\nb', 'a0;evil\nb'],
  ['a device control string', 'a\u001bPq#0\u001b\\b', 'ab'],
  ['two signs', 'a\u001bcb\u001b(0d', 'abd'],
  ['signs of one byte', 'a\u0007\b\u009b31mb', 'a31mb'],
  ['a line written over', 'hidden\rshown\r\nnext', 'hidden\nshown\nnext'],
  ['text turned round', 'a\u202eb\u2066c', 'abc'],
  ['tabs', 'a\tb', 'a\tb'],
])('of %s a terminal gets what is harmless', (_, log, harmless) => {
  expect(shown(log)).toBe(harmless + ended)
})

test('letters and codes that come in two parts are whole', () => {
  const bytes = Buffer.from('grün\u001b[2Jer\n')
  for (let at = 0; at <= bytes.length; at += 1) expect(shown(bytes.subarray(0, at), bytes.subarray(at))).toBe(`grüner\n${ended}`)
})

test('a line without an end does not pile up', () => {
  const text = new TerminalText()
  expect(text.take(Buffer.from('a'.repeat(70_000)))).toHaveLength(70_000)
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const colour = /\u001b\[[0-9;:]*m/

const steers = (sign: string): boolean => {
  const code = sign.charCodeAt(0)
  return (code < 32 && sign !== '\n' && sign !== '\t') || (code > 126 && code < 160) || (code > 0x2027 && code < 0x202f)
}

test('whatever stands in a log, no code but colours is left', () => {
  const piece = fc.oneof(
    fc.constantFrom('\u001b', '[', ']', '\r', '\n', 'm', 'J', '0', ';', '\u0007', '\u009b', '\\'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      const left = shown(parts.join('')).split(colour).join('')
      expect([...left].filter((sign) => steers(sign))).toEqual([])
    }),
    { numRuns: 3_000 },
  )
})

test('a name stays on its line', () => {
  expect(onOneLine('a\n\u001b[2Jb\u202ec')).toBe('a [2Jb c')
})

import { delimiter, flush, lsRefs, packet } from './packets.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Texts become packets. */
const join = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? packet(part) : part)))

/** A command with capabilities. */
const asking = (...capabilities: readonly string[]): Buffer => join('command=ls-refs\n', ...capabilities, flush)
const saying = (...words: readonly string[]): Buffer => lsRefs(words, [])
const many = (count: number, text: string): string[] => Array.from({ length: count }, () => text)

/** Requests of protocol v2 that git answers, odd as they are. */
export const answered: Readonly<Record<string, Buffer>> = {
  'nothing at all': Buffer.alloc(0),
  'a flush alone': flush,
  'two of them': join(flush, flush),
  'no object format': asking(),
  'the object format twice': asking('object-format=sha1', 'object-format=sha1'),
  'agent twice': asking('agent=a\n', 'agent=b\n'),
  'agent without a value': asking('agent\n'),
  'agent with an empty one': asking('agent=\n'),
  'agent with control characters': asking('agent=\x01\x02 \xff'),
  'server options': asking('server-option=a\n', 'server-option=b'),
  'a server option without a value': asking('server-option\n'),
  '70 kB of agents': asking(...many(1200, `agent=${'x'.repeat(60)}`)),
  '70 kB of prefixes': saying(...many(3000, 'ref-prefix refs/heads/\n')),
  'one word many times': saying(...many(50, 'peel\n'), ...many(50, 'symrefs')),
  'the longest packet': saying(`ref-prefix ${'x'.repeat(65_505)}`),
  'NUL in a prefix': saying('ref-prefix refs/\0heads\n'),
  'NUL behind a word': saying('peel\0x\n'),
  'words without their delimiter, which are none': join('command=ls-refs\n', delimiter, flush),
  'packets that mean nothing behind the flush': join(saying('peel'), 'more\n'),
  'another command behind the flush': join(saying('peel\n'), saying('symrefs\n')),
  'object-info about nothing': join('command=object-info\n', flush),
  'fetch without a wish': join('command=fetch\n', delimiter, 'done\n', flush),
  'fetch of what is not there': join('command=fetch\n', delimiter, `want ${'1'.repeat(40)}\n`, 'done\n', flush),
}

/** Those that git ends at, with nothing said but on its standard error. */
export const notUnderstood: Readonly<Record<string, Buffer>> = {
  'a delimiter alone': delimiter,
  'an empty packet': join(bytes('0004'), flush),
  'an unknown command': join('command=nothing\n', flush),
  'a command without a name': join('command=\n', flush),
  'a command in capitals': join('command=LS-REFS\n', flush),
  'a command with a blank': join('command=ls-refs \n', flush),
  'no command': join('agent=x\n', flush),
  'no command, but words': join('agent=x\n', delimiter, 'peel\n', flush),
  'the command twice': asking('command=ls-refs\n'),
  'two commands': asking('command=fetch\n'),
  'an unknown capability': asking('magic=1\n'),
  'an unknown capability first': join('magic\n', asking()),
  'the version as a capability': join('version 2\n', asking()),
  'what the server can as a capability': asking('ls-refs=unborn\n'),
  'a session id, which is not offered': asking('session-id=1\n'),
  'another object format': asking('object-format=sha256'),
  'an unknown object format': asking('object-format=md5'),
  'an empty object format': asking('object-format='),
  'the object format without a value': asking('object-format'),
  'two object formats': asking('object-format=sha1', 'object-format=sha256'),
  'no flush': join('command=ls-refs\n', 'object-format=sha1'),
  'no flush behind the words': join('command=ls-refs\n', delimiter, 'peel\n'),
  'an unknown word': saying('magic\n'),
  'a word with a value': saying('peel=1\n'),
  'a word in capitals': saying('PEEL\n'),
  'a word with two ends': saying('peel\n\n'),
  'a word with the end of another system': saying('peel\r\n'),
  'a prefix without a value': saying('ref-prefix\n'),
  'a prefix without its blank': saying('ref-prefixrefs/\n'),
  'an empty word': saying('\n'),
  'a capability among the words': saying('agent=x\n'),
  'the command among the words': saying('command=ls-refs\n'),
  'two delimiters': join('command=ls-refs\n', delimiter, delimiter, flush),
  'a delimiter among the words': join('command=ls-refs\n', delimiter, 'peel\n', delimiter, 'symrefs\n', flush),
  '70 kB of unknown capabilities': asking(...many(1200, `magic=${'x'.repeat(60)}`)),
  '70 kB of unknown words': saying(...many(3000, 'ref-magic refs/heads/xxxxxxx\n')),
  'the wish of an older protocol': join(`want ${'0'.repeat(40)}\n`, flush),
  'a wish for no object': join('command=fetch\n', delimiter, 'want nothing\n', 'done\n', flush),
  'an unknown word of fetch': join('command=fetch\n', delimiter, 'magic\n', flush),
}

/** Those that are no packets, which the door finds out before git is asked. */
export const noPackets: Readonly<Record<string, readonly [Buffer, string]>> = {
  'a length that means nothing': [bytes('0003'), 'a packet of length 3 does not exist'],
  garbage: [bytes('zzzzzzzz'), 'a packet does not begin with four hexadecimal digits'],
  'garbage behind the flush': [join(asking(), bytes('zzzz')), 'a packet does not begin with four hexadecimal digits'],
  'another protocol': [bytes('GET / HTTP/1.1\r\n\r\n'), 'a packet does not begin with four hexadecimal digits'],
  'the end of an answer': [bytes('0002'), 'the end of an answer has no place in a request'],
  'the end of an answer among the words': [
    join('command=ls-refs\n', delimiter, 'peel\n', bytes('0002'), flush),
    'the end of an answer has no place in a request',
  ],
  'half a packet': [bytes('0014comm'), 'the data ended inside a packet'],
  'a packet that is too long': [
    join('command=ls-refs\n', bytes(`ffff${'x'.repeat(65_531)}`), flush),
    'a packet is longer than 65520 bytes',
  ],
}

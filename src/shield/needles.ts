import type { Mark } from './marks.ts'

/** One base64 around what is looked for: the characters that lead to the first that is its own, and the bytes of others in them. */
export interface Wrapping {
  readonly lead: string
  readonly bytes: number
}

/** A text to be looked for, and the way from where it stands to the mark: the outermost wrapping first. */
export interface Needle {
  readonly text: string
  readonly mark: Mark
  readonly wrappings: readonly Wrapping[]
}

/**
 * How base64 spells a text of which nothing is known but where it stands: three ways, by what is left when its offset
 * is divided by three. Characters that hold bits of their neighbours are left out (RFC 4648, section 4).
 */
const spellings = (text: string): readonly (readonly [string, Wrapping])[] =>
  [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text, 'latin1')])
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor((whole.length * 8) / 6)
    const spelt = new Set([whole.toString('base64'), whole.toString('base64url')])
    return [...spelt].map((form) => [form.slice(first, last), { lead: form.slice(0, first), bytes: before }] as const)
  })

const wrapped = ({ text, mark, wrappings }: Needle): readonly Needle[] =>
  spellings(text).map(([form, wrapping]) => ({ text: form, mark, wrappings: [wrapping, ...wrappings] }))

/** What encoders of addresses make of a mark: some leave the signs that need no code, some leave no character. */
const percentForms = (text: string): readonly string[] => {
  const signs = text.replaceAll(/[^A-Za-z0-9]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  const all = Buffer.from(text, 'latin1').toString('hex').replaceAll(/../g, '%$&')
  const cased = (form: string): string[] => [form, form.replaceAll(/%../g, (code) => code.toUpperCase())]
  const forms = new Set([signs, signs.replaceAll('%', '%25'), all].flatMap(cased))
  forms.delete(text)
  return [...forms]
}

/** All that a mark may look like: as it is, in an address, in base64, and in base64 of that. */
export const needlesFor = (marks: readonly Mark[]): readonly Needle[] =>
  marks.flatMap((mark) => {
    const plain = { text: mark.text, mark, wrappings: [] }
    const once = wrapped(plain)
    const inAddress = percentForms(mark.text).map((text) => ({ ...plain, text }))
    return [plain, ...inAddress, ...once, ...once.flatMap(wrapped)]
  })

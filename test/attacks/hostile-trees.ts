import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

interface Built {
  readonly id: string
  readonly type: number
  readonly content: Buffer
}

const types = { commit: 1, tree: 2, blob: 3 } as const

const build = (kind: keyof typeof types, content: Buffer): Built => {
  const id = createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex')
  return { id, type: types[kind], content }
}

export interface Entry {
  readonly mode: '100644' | '100755' | '120000' | '160000' | '40000'
  readonly name: string
  /** Of a file, or what a link points to; a folder's entries, written in this order; or an id of what is not brought along. */
  readonly content: string | readonly Entry[] | { readonly id: string }
}

/** `gitformat-pack`: type and four bits of the size, then seven at a time. */
const packed = ({ type, content }: Built): Buffer => {
  const head = [(type << 4) | (content.length & 15)]
  for (let rest = content.length >> 4; rest > 0; rest >>= 7) {
    head.push((head.pop() ?? 0) | 128, rest & 127)
  }
  return Buffer.concat([Buffer.from(head), deflateSync(content)])
}

const idOf = (content: Entry['content'], into: Built[]): string => {
  if (typeof content === 'string') return keep(build('blob', Buffer.from(content)), into).id
  return 'id' in content ? content.id : writeTree(content, into).id
}

const writeTree = (entries: readonly Entry[], into: Built[]): Built => {
  const rows = entries.map(({ mode, name, content }) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(idOf(content, into), 'hex')]),
  )
  return keep(build('tree', Buffer.concat(rows)), into)
}

const keep = (built: Built, into: Built[]): Built => {
  into.push(built)
  return built
}

const person = 'Mallory <m@example.com> 1700000000 +0000'

/** A pack with one commit of a tree as no git would write it. */
export const packOfTree = (entries: readonly Entry[], message = 'hostile'): { readonly tip: string; readonly pack: Buffer } => {
  const objects: Built[] = []
  const tree = writeTree(entries, objects)
  const text = `tree ${tree.id}\nauthor ${person}\ncommitter ${person}\n\n${message}\n`
  const { id: tip } = keep(build('commit', Buffer.from(text)), objects)
  const head = Buffer.alloc(12)
  head.write('PACK')
  head.writeUInt32BE(2, 4)
  const unique = [...new Map(objects.map((object) => [object.id, object])).values()]
  head.writeUInt32BE(unique.length, 8)
  const whole = Buffer.concat([head, ...unique.map(packed)])
  return { tip, pack: Buffer.concat([whole, createHash('sha1').update(whole).digest()]) }
}

/** A difference (`gitformat-pack`, type 7) whose base is not in the pack; it changes nothing. */
export const deltaOn = (base: string): Buffer => {
  const head = Buffer.from('5041434b0000000200000001', 'hex')
  const delta = deflateSync(Buffer.from([0x90, 0x03, 0x90, 0x03, 0xb0, 0x90, 0x01]))
  const whole = Buffer.concat([head, Buffer.from([0x77]), Buffer.from(base, 'hex'), delta])
  return Buffer.concat([whole, createHash('sha1').update(whole).digest()])
}

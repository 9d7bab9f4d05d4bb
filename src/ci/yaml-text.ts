import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml'
import { Invalid } from './invalid.ts'
import { isList, isMapping, type Mapping, Reference, scalarSize, type Value } from './value.ts'

/** Nodes of a configuration with every alias put in; what is past it is not built. */
export const mostNodes = 100_000
const mostDepth = 50

const tooLarge = 'The parsed YAML is too big'

interface Kept {
  readonly value: Value
  readonly size: number
}

/** Makes plain values of the parser's nodes, and counts what aliases would multiply before they do. */
class Builder {
  readonly #anchors = new Map<string, Kept>()
  #size = 0

  build(node: unknown, depth: number): Value {
    if (depth > mostDepth) throw new Invalid(tooLarge)
    const before = this.#size
    const value = this.#valueOf(node, depth)
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#size - before })
    return value
  }

  #valueOf(node: unknown, depth: number): Value {
    if (isAlias(node)) return this.#alias(node.source)
    if (isMap(node)) return this.#mapping(node.items, depth)
    if (isSeq(node)) return this.#list(node, depth)
    return this.#counted(isScalar(node) ? plain(node.value, node.source) : null)
  }

  #list(node: { readonly items: readonly unknown[]; readonly tag?: string }, depth: number): Value {
    this.#count(1)
    const items = node.items.map((item) => this.build(item, depth + 1))
    if (node.tag !== '!reference') return items
    const path = items.filter((item) => typeof item === 'string')
    if (path.length === 0 || path.length !== items.length) throw new Invalid('!reference must be a list of strings')
    return new Reference(path)
  }

  #alias(name: string): Value {
    const kept = this.#anchors.get(name)
    if (kept === undefined) throw new Invalid(`Unknown alias: ${name}`)
    this.#count(kept.size)
    return kept.value
  }

  #mapping(pairs: readonly Pair[], depth: number): Mapping {
    this.#count(1)
    const own = new Map<string, Value>()
    const merged: Mapping[] = []
    for (const { key, value } of pairs) {
      const built = this.build(value, depth + 1)
      if (isMergeKey(key)) merged.push(...sources(built))
      else own.set(keyText(this.build(key, depth + 1)), built)
    }
    if (merged.length === 0) return own
    const whole = new Map<string, Value>()
    for (const source of merged.reverse()) for (const [key, value] of source) this.#put(whole, key, value)
    for (const [key, value] of own) whole.set(key, value)
    return whole
  }

  #put(into: Map<string, Value>, key: string, value: Value): void {
    this.#count(1)
    into.set(key, value)
  }

  #counted(value: Value): Value {
    this.#count(scalarSize(value))
    return value
  }

  #count(size: number): void {
    this.#size += size
    if (this.#size > mostNodes) throw new Invalid(tooLarge)
  }
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && (key.source === '<<' || typeof key.value === 'symbol')

/** The mappings that `<<` names: one, or a list of which the first wins. */
const sources = (value: Value): readonly Mapping[] => {
  const named = isList(value) ? value : [value]
  if (!named.every(isMapping)) throw new Invalid('(<unknown>): a merge key needs a mapping')
  return named
}

const keyText = (key: Value): string => {
  if (typeof key === 'object' && key !== null) throw new Invalid('Invalid configuration format')
  return String(key ?? '')
}

/** Times, bytes and numbers that are none stay as they are written; so do `y` and `n`, as Ruby's reader has it. */
const plain = (value: unknown, source: string | undefined): Value => {
  if (typeof value === 'boolean' && /^[yn]$/i.test(source ?? '')) return source ?? ''
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  return source ?? String(value)
}

const options = { version: '1.1', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/** The parser goes on after each wrong sign and makes an error of it: where each keeps its stack, most of the time goes there. */
const parseWithoutStacks = (text: string, lineCounter: LineCounter) => {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return parseDocument(text, { ...options, lineCounter })
  } finally {
    Error.stackTraceLimit = before
  }
}

const parse = (text: string) => {
  const lines = new LineCounter()
  const { contents, errors } = parseWithoutStacks(text, lines)
  const [wrong] = errors
  if (wrong === undefined) return contents
  if (wrong.message.startsWith('Maximum call stack')) throw new Invalid(tooLarge)
  const { line, col } = lines.linePos(wrong.pos[0])
  throw new Invalid(`(<unknown>): ${wrong.message} at line ${line} column ${col}`)
}

/** Throws `Invalid` for what is no YAML, is too large or nests too deep, or is no mapping. Empty text is an empty mapping. */
export const readYaml = (text: string): Mapping => {
  const value = new Builder().build(parse(text), 0)
  if (value === null) return new Map()
  if (!isMapping(value)) throw new Invalid('Invalid configuration format')
  return value
}

import type { PayloadVariable } from './payload-shape.ts'

/** Longest value that expansion makes, and all that it makes together, in characters. */
const longestValue = 65_536
const mostTogether = 4 * 2 ** 20

const reference = /\$\$|%%|\$([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|%([A-Za-z_][A-Za-z0-9_]*)%/g

/**
 * The values that `$NAME`, `${NAME}` and `%NAME%` stand for (gitlab `ExpandVariables`). Each is expanded once, whatever
 * refers to it; what refers to itself, or would grow too long, stays as it is written.
 */
export class Expansion {
  readonly #variables: ReadonlyMap<string, PayloadVariable>
  readonly #done = new Map<string, string>()
  readonly #open = new Set<string>()
  #spent = 0

  constructor(variables: readonly PayloadVariable[]) {
    this.#variables = new Map(variables.map((variable) => [variable.key, variable]))
  }

  /** A text with its references replaced. Those to files and to nothing stay, and those to what might be taken for another reference. */
  expand(text: string): string {
    let length = 0
    const expanded = text.replaceAll(reference, (whole, ...names: (string | undefined)[]) => {
      const name = names.slice(0, 3).find((word) => word !== undefined)
      const value = name === undefined || length > longestValue ? whole : (this.#valueFor(name) ?? whole)
      length += value.length
      return value
    })
    this.#spent += expanded.length
    return expanded.length > longestValue || this.#spent > mostTogether ? text : expanded
  }

  /** Every variable with its value expanded. */
  all(): PayloadVariable[] {
    return [...this.#variables.values()].map((variable) => ({ ...variable, value: this.#expanded(variable) }))
  }

  #valueFor(name: string): string | undefined {
    const variable = this.#variables.get(name)
    if (variable === undefined || variable.file || this.#open.has(name)) return undefined
    if (variable.raw && /[$%]/.test(variable.value)) return undefined
    return this.#expanded(variable)
  }

  #expanded(variable: PayloadVariable): string {
    if (variable.raw) return variable.value
    const before = this.#done.get(variable.key)
    if (before !== undefined) return before
    this.#open.add(variable.key)
    const value = this.expand(variable.value)
    this.#open.delete(variable.key)
    this.#done.set(variable.key, value)
    return value
  }
}

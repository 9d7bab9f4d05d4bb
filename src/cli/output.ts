/** What stands on standard output: lines, or with `--json` a value. */
export type Output = string

/** `1 ref`, `2 refs`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export const lines = (given: readonly string[]): Output => given.map((line) => `${line}\n`).join('')

const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`

/** What would steer a terminal is escaped, of which JSON itself asks for a part only. */
export const json = (value: unknown): Output =>
  `${JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escaped)}\n`

import type { PayloadVariable } from './payload-shape.ts'

/** What everyone may know. It is told as it is: a message of a commit in which `$CI_JOB_TOKEN` stands is no reference. */
export const shown = (key: string, value: string | number): PayloadVariable => ({
  key,
  value: String(value),
  public: true,
  file: false,
  masked: false,
  raw: true,
})

/** What no log shows. */
export const hidden = (key: string, value: string): PayloadVariable => ({ ...shown(key, value), public: false, masked: true })

/** Of several with one key the last counts, in its place. */
export const lastOfEach = (variables: readonly PayloadVariable[]): PayloadVariable[] => {
  const byKey = new Map<string, PayloadVariable>()
  for (const variable of variables) {
    byKey.delete(variable.key)
    byKey.set(variable.key, variable)
  }
  return [...byKey.values()]
}

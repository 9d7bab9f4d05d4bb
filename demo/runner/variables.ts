import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PayloadVariable } from './payload.ts'

export interface Variables {
  readonly environment: Readonly<Record<string, string>>
  /** Values that the log must not show. */
  readonly masks: readonly string[]
}

/** What no environment can hold. */
const isUsable = ({ key, value }: PayloadVariable): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !value.includes('\0')

const reference = /\$\$|\$([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** `$NAME` and `${NAME}` become values, `$$` stays, and what is raw is left alone: one level, as the runner does. */
export const expanded = (variables: readonly PayloadVariable[]): readonly PayloadVariable[] => {
  const values = new Map(variables.map(({ key, value }) => [key, value]))
  const expand = (text: string): string =>
    text.replace(reference, (whole, plain?: string, braced?: string) => {
      const name = plain ?? braced
      return name === undefined ? whole : (values.get(name) ?? '')
    })
  return variables.map((variable) => (variable.raw === true ? variable : { ...variable, value: expand(variable.value) }))
}

const inFile = async (folder: string, { key, value }: PayloadVariable): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, key)
  await writeFile(file, value, { mode: 0o600 })
  return file
}

/** Of two variables of one name the later holds. `folder` gets those that are files. */
export const prepareVariables = async (
  given: readonly PayloadVariable[],
  folder: string,
  own: Readonly<Record<string, string>>,
): Promise<Variables> => {
  const usable = expanded(given).filter(isUsable)
  const environment: Record<string, string> = { PATH: process.env['PATH'] ?? '' }
  for (const variable of usable) {
    environment[variable.key] = variable.file === true ? await inFile(folder, variable) : variable.value
  }
  return {
    environment: { ...environment, ...own },
    masks: usable.filter(({ masked }) => masked).map(({ value }) => value),
  }
}

import { settingTable } from '../../src/config.ts'
import { table } from './markdown.ts'

/** Every setting, in the order of `settingTable`. */
export const settings = (): string =>
  table(
    ['Environment', 'Flag', 'Default', 'Meaning'],
    Object.values(settingTable).map(({ env, flag, standard, meaning }) => [
      `\`${env}\``,
      flag === undefined ? 'none' : `\`--${flag}\``,
      standard === undefined ? 'none' : standard === '' ? 'empty' : `\`${standard}\``,
      meaning,
    ]),
  )

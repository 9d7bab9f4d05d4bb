import type { Command } from 'commander'
import type { Settings } from '../config.ts'
import { print } from './print.ts'

type SettingsOf = (command: Command) => Settings

/** The subcommand `maintain`. */
export const addMaintainCommand = (program: Command, settingsOf: SettingsOf): void => {
  program
    .command('maintain')
    .description('pack repositories anew and let go of what nothing leads to; a server may run meanwhile')
    .option('--project <path>', 'the repository of this project: path or number')
    .option('--all', 'every repository')
    .action(async ({ project, all = false }, command: Command) => {
      const { maintain } = await import('./maintain.ts')
      await print(maintain(settingsOf(command), { project, all }))
    })
}

import type { Command } from 'commander'
import type { Settings } from '../config.ts'
import { print } from './print.ts'

type SettingsOf = (command: Command) => Settings

/** The subcommands `backup` and `restore`. */
export const addBackupCommands = (program: Command, settingsOf: SettingsOf): void => {
  program
    .command('backup')
    .description('write all that a home holds into one new file, as it is at one moment; a server may run meanwhile')
    .argument('<file>', 'its name; it holds keys, and is for its owner alone')
    .action(async (file: string, _options, command: Command) => {
      const { makeBackup } = await import('./backup.ts')
      await print(makeBackup(settingsOf(command), file))
    })
  program
    .command('restore')
    .description('unpack a backup into an empty home, and check it')
    .argument('<file>', 'that sallyport backup wrote')
    .action(async (file: string, _options, command: Command) => {
      const { restoreBackup } = await import('./restore.ts')
      await print(restoreBackup(settingsOf(command), file))
    })
}

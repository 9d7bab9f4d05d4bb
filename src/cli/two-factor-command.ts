import type { Command } from 'commander'
import type { Settings } from '../config.ts'
import { print } from './print.ts'

/** The subcommand of `two-factor`. */
export const addTwoFactorCommand = (program: Command, settingsOf: (command: Command) => Settings): void => {
  program
    .command('two-factor')
    .description('the second factor of users')
    .command('disable')
    .description('turn it off for a user who lost it, administrators too; every session of the user ends')
    .requiredOption('--user <name>', 'whose: username or number')
    .action(async ({ user }, command: Command) => {
      const { disableTwoFactor } = await import('./two-factor.ts')
      await print(disableTwoFactor(settingsOf(command), user))
    })
}

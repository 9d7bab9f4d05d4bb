import type { Command } from 'commander'
import type { Settings } from '../config.ts'
import { print } from './print.ts'

type SettingsOf = (command: Command) => Settings

/** The subcommands of `registry`. */
export const addRegistryCommands = (program: Command, settingsOf: SettingsOf): void => {
  const registry = program.command('registry').description('the container registry that believes this server')
  registry
    .command('config')
    .description("the lines for the registry's configuration file, and where the certificates are that it needs")
    .option('--bundle <file>', 'where the registry finds the certificates, if not where they were made')
    .action(async ({ bundle }, command: Command) => {
      const { showConfiguration } = await import('./registry.ts')
      await print(showConfiguration(settingsOf(command), bundle))
    })
  registry
    .command('rotate')
    .description('sign with the next key, which a registry that was started since the last time knows already')
    .action(async (_options, command: Command) => {
      const { exchange } = await import('./registry.ts')
      await print(exchange(settingsOf(command)))
    })
}

import { Command, Help } from 'commander'
import { addAuditCommands } from './cli/audit-command.ts'
import { addBackupCommands } from './cli/backup-command.ts'
import { addTokenCommands } from './cli/commands.ts'
import { addJobCommands } from './cli/job-commands.ts'
import { addMaintainCommand } from './cli/maintain-command.ts'
import { addRegistryCommands } from './cli/registry-command.ts'
import { addTwoFactorCommand } from './cli/two-factor-command.ts'
import { readSettings, type Settings, settingTable, WrongSetting } from './config.ts'
import { serve } from './start/serve.ts'
import { UnusableKeyFile } from './unusable-key-file.ts'

const camel = (flag: string): string => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Adds a flag for each setting that may stand in a process list. */
const withSettings = (command: Command): Command => {
  for (const { flag, env, meaning, standard } of Object.values(settingTable)) {
    if (flag === undefined) continue
    const shown = standard === undefined || standard === '' ? '' : ` (default ${standard})`
    command.option(`--${flag} <value>`, `${meaning}${shown} [${env}]`)
  }
  return command
}

/** Commander names its options in camel case, as the settings are named. */
const settingsOf = (command: Command): Settings => {
  const options: Record<string, string> = command.optsWithGlobals()
  const flags = Object.entries(settingTable).flatMap(([name, { flag }]) =>
    flag === undefined ? [] : [[name, options[camel(flag)]]],
  )
  return { ...readSettings(Object.fromEntries(flags), process.env), json: command.optsWithGlobals()['json'] === true }
}

/** One line for what a person can mend; a stack for what only we can. */
const fail = (fault: unknown): never => {
  const mendable = fault instanceof WrongSetting || fault instanceof UnusableKeyFile
  console.error(mendable ? `sallyport: ${fault.message}` : fault)
  process.exit(mendable ? 2 : 1)
}

/** What a subcommand that serves nobody has of the server's flags. */
const everywhere = new Set(['--home', '--database', '--json'])

/** What a subcommand tells about beside that. */
const more: Readonly<Record<string, readonly string[]>> = {
  config: ['--url', '--http', '--registry'],
  rotate: ['--url', '--http', '--registry'],
}

const shownWith = (command: Command) =>
  Object.assign(new Help(), { showGlobalOptions: true })
    .visibleGlobalOptions(command)
    .filter(({ long }) => command.name() === 'serve' || everywhere.has(long ?? '') || more[command.name()]?.includes(long ?? ''))

const program = withSettings(new Command('sallyport'))
  .option('--json', 'what stands on standard output is JSON')
  .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: shownWith })
  .description("A small git server that speaks GitLab's credential protocol.")
  .showHelpAfterError('(sallyport --help lists the flags)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

program
  .command('serve', { isDefault: true })
  .description('start the server (what happens without a subcommand)')
  .action(async (_options, command: Command) => {
    process.exit(await serve(settingsOf(command)).catch(fail))
  })

addTokenCommands(program, settingsOf)
addJobCommands(program, settingsOf)
addMaintainCommand(program, settingsOf)
addRegistryCommands(program, settingsOf)
addTwoFactorCommand(program, settingsOf)
addBackupCommands(program, settingsOf)
addAuditCommands(program, settingsOf)

await program.parseAsync().catch(fail)

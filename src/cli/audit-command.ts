import { type Command, InvalidArgumentError } from 'commander'
import type { Settings } from '../config.ts'
import { print } from './print.ts'

type SettingsOf = (command: Command) => Settings

/** Number and digest, as `audit verify` tells them. */
const head = (text: string): { id: number; digest: string } => {
  const [, id, digest] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (id !== undefined && digest !== undefined) return { id: Number(id), digest }
  throw new InvalidArgumentError('It is a number and a digest, as an earlier run told them: 120:5f2c…')
}

/** The subcommand `audit verify`. */
export const addAuditCommands = (program: Command, settingsOf: SettingsOf): void => {
  const audit = program.command('audit').description('the audit events of the instance')
  audit
    .command('verify')
    .description('find events that were changed, removed or moved in the file; a server may run meanwhile')
    .option('--head <head>', 'a head that an earlier run told: all before it has to be as it was then', head)
    .action(async ({ head: noted }, command: Command) => {
      const { verifyAudit } = await import('./audit.ts')
      await print(verifyAudit(settingsOf(command), noted))
    })
}

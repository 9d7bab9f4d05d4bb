import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Settings } from '../config.ts'
import { count } from './arguments.ts'
import { print } from './print.ts'

/** What a token may be asked by; the words of `store/token-overview.ts`, which is not loaded for `--help`. */
const kinds = ['personal', 'impersonation', 'project', 'group', 'service_account']
const states = ['active', 'inactive', 'all']
const orders = ['id_asc', 'created_asc', 'created_desc', 'expires_asc', 'expires_desc']
const moreOrders = ['last_used_asc', 'last_used_desc', 'name_asc', 'name_desc']

const day = (text: string): string => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return text
  throw new InvalidArgumentError('It is a day such as 2024-06-27.')
}

const month = (text: string): string => {
  if (/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text)) return text
  throw new InvalidArgumentError('It is a month such as 2024-06.')
}

const words = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

const ofWhom = (command: Command): Command =>
  command
    .addOption(new Option('--kind <kind>', 'only tokens of this kind').choices(kinds))
    .option('--user <name>', 'only of this user: username or number')
    .option('--project <path>', 'only of this project: path or number')
    .option('--group <path>', 'only of this group: path or number')

/** Flags of a command and of those above it: `--user` may stand before and after the subcommand. */
const optionsOf = (command: Command) => command.optsWithGlobals()

type SettingsOf = (command: Command) => Settings

const addList = (program: Command, settingsOf: SettingsOf): Command =>
  ofWhom(
    program
      .command('tokens')
      .description('access tokens of the instance: those that a filter names, one on a line (revoked ones only with --state)'),
  )
    .option('--expires-on <day>', 'that expire on this day', day)
    .option('--expires-in-month <month>', 'that expire in this month', month)
    .option('--no-expiry', 'that never expire')
    .option('--unused-since <day>', 'that were made before this day and not used since', day)
    .addOption(new Option('--state <state>', 'by whether they work').choices(states))
    .addOption(new Option('--sort <order>', 'in this order').choices([...orders, ...moreOrders]))
    .action(async ({ kind, user, project, group, expiry, unusedSince, ...filter }, command: Command) => {
      const { listTokens } = await import('./tokens.ts')
      const since = unusedSince === undefined ? undefined : `${unusedSince}T00:00:00.000Z`
      const asked = { ...filter, noExpiry: expiry === false, unusedSince: since }
      await print(listTokens(settingsOf(command), { kind, user, project, group, filter: asked }))
    })

const addDates = (tokens: Command, settingsOf: SettingsOf): Command =>
  tokens
    .command('dates')
    .description('the days on which most tokens expire')
    .option('--top <count>', 'so many days', count, 10)
    .action(async (_options, command: Command) => {
      const { listDates } = await import('./tokens.ts')
      const { kind, user, project, group, top } = optionsOf(command)
      await print(listDates(settingsOf(command), { kind, user, project, group }, top))
    })

const addExtension = (tokens: Command, settingsOf: SettingsOf): Command =>
  tokens
    .command('extend')
    .description('give all tokens that expire on one day a later one; says what it would do unless --apply is given')
    .option('--expires-on <day>', 'tokens that expire on this day', day)
    .requiredOption('--to <day>', 'the new day', day)
    .option('--apply', 'do it')
    .action(async (_options, command: Command) => {
      const { extend } = await import('./tokens.ts')
      const { kind, user, project, group, expiresOn, to, apply = false } = optionsOf(command)
      // The flag is the list's too, which takes it wherever it stands: so it cannot be a required one here.
      if (expiresOn === undefined) return command.error("error: required option '--expires-on <day>' not specified")
      await print(extend(settingsOf(command), { kind, user, project, group, expiresOn, to, apply }))
    })

const addCreation = (token: Command, settingsOf: SettingsOf): Command =>
  token
    .command('create')
    .description("make a user's personal access token; its secret stands on standard output, this once")
    .requiredOption('--user <name>', 'whose token: username or number')
    .option('--name <name>', 'what it is called', 'made on the command line')
    .option('--scopes <scopes>', 'with commas between', words, ['api'])
    .option('--expires-at <day>', 'the day on which it ends; by default as late as the instance allows', day)
    .action(async ({ user, name, scopes, expiresAt }, command: Command) => {
      const { makeUserToken } = await import('./token.ts')
      await print(makeUserToken(settingsOf(command), { user, name, scopes, expiresAt }))
    })

const addRevocation = (token: Command, settingsOf: SettingsOf): Command =>
  token
    .command('revoke')
    .description('end an access token at once: by its number, or by its secret on standard input')
    .argument('[number]', 'of the token; left out, a secret is read from standard input')
    .action(async (number: string | undefined, _options, command: Command) => {
      const { endToken } = await import('./token.ts')
      const { whichToken } = await import('./which-token.ts')
      const settings = settingsOf(command)
      await print(whichToken(number).then((which) => endToken(settings, which)))
    })

/** The subcommands `tokens` and `token`. What they do is loaded when one is called: the server starts without it. */
export const addTokenCommands = (program: Command, settingsOf: SettingsOf): void => {
  const tokens = addList(program, settingsOf)
  addDates(tokens, settingsOf)
  addExtension(tokens, settingsOf)
  const token = program.command('token').description('one access token: make it, or end it')
  addCreation(token, settingsOf)
  addRevocation(token, settingsOf)
}

import { type Command, InvalidArgumentError } from 'commander'
import { type JobStatus, jobStatuses } from '../ci/states.ts'
import type { Settings } from '../config.ts'
import { count } from './arguments.ts'
import { print } from './print.ts'

const statuses = (text: string): JobStatus[] =>
  text.split(',').map((word) => {
    const status = jobStatuses.find((one) => one === word.trim())
    if (status !== undefined) return status
    throw new InvalidArgumentError(`They are ${jobStatuses.join(', ')}; with commas between.`)
  })

type SettingsOf = (command: Command) => Settings

/** The subcommands `jobs` and `trace`. */
export const addJobCommands = (program: Command, settingsOf: SettingsOf): void => {
  program
    .command('jobs')
    .description('jobs and leases of the instance, the newest first')
    .option('--project <path>', 'only of this project: path or number')
    .option('--status <status>', 'only with one of these, with commas between: running,pending', statuses)
    .option('--limit <count>', 'so many', count, 50)
    .action(async ({ project, status, limit }, command: Command) => {
      const { listJobs } = await import('./jobs.ts')
      await print(listJobs(settingsOf(command), { project, statuses: status, limit }))
    })
  program
    .command('trace')
    .description("a job's log; on a terminal it may colour, and nothing else")
    .argument('<job>', 'its number')
    .option('--follow', 'go on until the job ends, and say how')
    .action(async (job: string, { follow = false }, command: Command) => {
      const { showTrace } = await import('./trace.ts')
      await print(showTrace(settingsOf(command), job, follow))
    })
}

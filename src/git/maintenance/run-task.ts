import type { Upkeep } from '../../access/upkeep.ts'
import { startUpkeep } from '../process.ts'
import type { Step } from './events.ts'
import { inputOf, type Task, type TaskKind } from './task.ts'

/** What git may take for one task, in milliseconds; then it is ended, and the repository is as good as before. */
export const standardTimeLimit = 6 * 3_600_000

/** Git answers with digests of packs at most. */
const longestAnswer = 65_536

/** Git did not do what it was asked. Its complaint may name files of the repository, and nothing of a client. */
export class TaskFailed extends Error {
  /** It was ended, by the signal or the time limit, and did not end by itself. */
  readonly wasEnded: boolean

  constructor(task: TaskKind, how: string, wasEnded: boolean) {
    super(`${task}: ${how}`)
    this.wasEnded = wasEnded
  }
}

/** The repository that is looked after, with all that a task of git takes. */
export interface Site {
  readonly upkeep: Upkeep
  /** Absolute path, made from the id. */
  readonly directory: string
  readonly signal: AbortSignal
  /** Of one task, in milliseconds. */
  readonly timeLimit?: number
  /** Is told of each step that was done. */
  readonly onStep?: (step: Step, seconds: number) => void
}

/** Does one step, and tells how long it took. */
export const inStep = async <Result>({ onStep }: Site, step: Step, work: () => Promise<Result>): Promise<Result> => {
  const begun = performance.now()
  const result = await work()
  onStep?.(step, (performance.now() - begun) / 1000)
  return result
}

const collect = async (output: AsyncIterable<Buffer>): Promise<string> => {
  let text = ''
  for await (const chunk of output) if (text.length < longestAnswer) text += chunk.toString('latin1')
  return text
}

const run = async (site: Site, task: Task): Promise<string> => {
  const { upkeep, directory, signal, timeLimit = standardTimeLimit } = site
  const git = await startUpkeep(upkeep, task, directory, signal, timeLimit)
  git.input.end(inputOf(task))
  const [answer, ending] = await Promise.all([collect(git.output).catch(() => ''), git.ended])
  if (ending.kind === 'aborted') throw new TaskFailed(task.kind, ending.reason, true)
  if (ending.code !== 0) throw new TaskFailed(task.kind, `exit code ${ending.code}: ${git.complaint.trim()}`, false)
  return answer
}

/** What git answered. Throws `TaskFailed` where it failed, or was ended by the signal or the time limit. */
export const runTask = (site: Site, task: Task): Promise<string> => inStep(site, task.kind, () => run(site, task))

import { sentenceOf } from '../src/access/refuse.ts'
import type { RefusalReason } from '../src/core/refusal.ts'
import { attempt } from './attempt.ts'
import { credentials } from './credentials/all.ts'
import type { Shown } from './credentials/recipe.ts'
import { type Requests, ServerLog } from './server-log.ts'
import type { Stage } from './stage.ts'
import type { Group, Step } from './steps/step.ts'

/** One line of the tour as it went. */
export interface Finding {
  readonly who: string
  readonly tries: string
  /** `allowed: <kind of credential>` or `refused: <reason>`; `happened` is of the same form. */
  readonly expected: string
  readonly happened: string
  /** What decided, from the server's log: for a yes the credential and what stands behind it, for a no the reason. */
  readonly rule: string
  /** What git showed about it; empty where it had nothing to tell. */
  readonly sentence: string
  readonly ok: boolean
}

const notLogged = 'not in the log'

const expectedOf = ({ shows, gives }: Step): string =>
  gives === 'allowed' ? `allowed: ${credentials[shows].kind}` : `refused: ${gives}`

const sentenceFor = ({ gives, says }: Step): string => says ?? (gives === 'allowed' ? '' : sentenceOf(gives as RefusalReason))

/** A clone over HTTP asks for the refs by one request and for their content by another; a push sends all at once. */
const requestsOf = ({ does }: Step, shown: Shown): Requests => ({
  asksFirst: shown.kind === 'basic',
  transfers: does.kind === 'clone' && shown.kind !== 'key' ? 2 : 1,
})

const take = async (stage: Stage, step: Step, number: number, broken: AbortSignal): Promise<Finding> => {
  const { who, standing } = credentials[step.shows]
  const shown = stage.shown.get(step.shows)
  if (shown === undefined) throw new Error(`nobody made the credential "${step.shows}"`)
  const log = new ServerLog(stage.scene.server)
  const { allowed, sentence } = await attempt(stage, step.does, shown, number)
  broken.throwIfAborted()
  const requests = requestsOf(step, shown)
  const why = (allowed ? await log.admitted(requests) : await log.refused(requests)) ?? notLogged
  const expected = expectedOf(step)
  const happened = `${allowed ? 'allowed' : 'refused'}: ${why}`
  return {
    who,
    tries: step.does.words,
    expected,
    happened,
    rule: allowed ? `${why}: ${standing}` : why,
    sentence,
    ok: happened === expected && sentence.startsWith(sentenceFor(step)),
  }
}

/** What the guide is told, as it happens. */
export interface Guide {
  enter(group: Group): void
  tell(finding: Finding): void
}

/** Takes every step in order; resolves with what was found. Rejects once `broken` aborts and the step at hand is over. */
export const takeTour = async (
  stage: Stage,
  groups: readonly Group[],
  guide: Guide,
  broken: AbortSignal,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = []
  for (const group of groups) {
    guide.enter(group)
    for (const step of group.steps) {
      broken.throwIfAborted()
      const finding = await take(stage, step, findings.length + 1, broken)
      findings.push(finding)
      guide.tell(finding)
    }
  }
  return findings
}

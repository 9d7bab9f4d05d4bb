import type { Admission } from '../access/decide.ts'
import { disclose } from '../access/disclose.ts'
import { type Entry, wasRefused } from '../access/gate.ts'
import { movedNotice } from '../access/moved.ts'
import { isDeletion } from '../core/ref-update.ts'
import type { Refusal } from '../core/refusal.ts'
import { abortedBy } from '../git/engine.ts'
import { readPushHead } from '../git/push-options.ts'
import { MalformedPush, type PushRequest } from '../git/ref-commands.ts'
import { declinedReport } from '../git/report-status.ts'
import { drain } from './drain.ts'
import { answer, type Outcome, refuse, settle } from './outcome.ts'
import { malformedPush } from './replies.ts'
import { type ServeParts, underWatch, type Visit } from './serve.ts'

/** What a push may hold besides its pack. */
const headroom = 32 * 2 ** 20

/** Time and pause of a pack that nobody wants; see `drain`. */
const drainTimes = { time: 600_000, quiet: 3000 } as const

/** A push that is declined, with the admission by which its refs were shown: while that stands, its pack is read. */
interface Declined {
  readonly push: PushRequest
  readonly refusal: Refusal
  readonly entry: Entry<object>
  readonly shown: Admission<'advertise-push'>
}

const bringsPack = (push: PushRequest): boolean => push.updates.some((update) => !isDeletion(update))

/** The whole push is declined before git is started, in the words of a pre-receive hook. */
const decline = async (parts: ServeParts, visit: Visit, { push, refusal, entry, shown }: Declined): Promise<Outcome> => {
  const { ends } = visit
  const limits = { bytes: parts.maxPush + headroom, ...drainTimes }
  let isRead = !bringsPack(push)
  const asked = { action: { kind: 'push', updates: 'unknown' }, admission: shown } as const
  const ending = await underWatch(parts, visit, asked, async (signal) => {
    if (!isRead) isRead = await drain(ends.input, limits, signal)
    return signal.aborted ? abortedBy(signal) : { kind: 'exited', code: 0 }
  })
  if (ending.kind === 'exited') {
    const report = declinedReport(push, refusal.message)
    await new Promise((resolve) => ends.output.write(report, resolve))
  }
  return { ...settle(ends, ending, entry), refusal, ...(!isRead && { isCut: true }) }
}

/** The second question, with the ref updates; nothing of the first one counts any more. */
const take = async (parts: ServeParts, visit: Visit, push: PushRequest, shown: Admission<'advertise-push'>): Promise<Outcome> => {
  const { knock, ends } = visit
  const entry = await parts.gate.push(knock, push.updates)
  const admission = entry.decision
  if (wasRefused(admission)) {
    const isDeclined = disclose(admission, entry.who?.principal).kind === 'declined'
    return isDeclined ? decline(parts, visit, { push, refusal: admission, entry, shown }) : refuse(ends, admission, entry)
  }
  const notice = movedNotice(entry, parts.sshUrl())
  const asked = { action: { kind: 'push', updates: push.updates }, admission } as const
  const ending = await underWatch(parts, visit, asked, (signal) =>
    parts.engine.receivePack(admission, push, ends, signal, notice),
  )
  return settle(ends, ending, entry)
}

/** Both halves of a push in one channel: the refs are shown, and then the commands are read and judged. */
export const servePush = async (parts: ServeParts, visit: Visit): Promise<Outcome> => {
  const { knock, protocol, ends } = visit
  const entry = await parts.gate.advertisePush(knock)
  const admission = entry.decision
  if (wasRefused(admission)) return refuse(ends, admission, entry)
  const shown = await underWatch(parts, visit, { action: { kind: 'push', updates: 'unknown' }, admission }, (signal) =>
    parts.engine.advertise(admission, protocol, ends.output, signal),
  )
  if (shown.kind !== 'exited' || shown.code !== 0) return settle(ends, shown, entry)
  try {
    const push = await readPushHead(ends.input)
    return push.updates.length === 0 ? { exit: 0, entry } : await take(parts, visit, push, admission)
  } catch (fault) {
    if (!(fault instanceof MalformedPush)) throw fault
    return { exit: answer(ends, malformedPush(fault.message)), entry, reason: fault.message }
  }
}

import type { Readable } from 'node:stream'
import { disclose } from '../access/disclose.ts'
import { type Entry, wasRefused } from '../access/gate.ts'
import { movedNotice } from '../access/moved.ts'
import { isDeletion } from '../core/ref-update.ts'
import type { Refusal } from '../core/refusal.ts'
import { readPushHead } from '../git/push-options.ts'
import { MalformedPush, type PushRequest } from '../git/ref-commands.ts'
import { declinedReport } from '../git/report-status.ts'
import { answer, type Outcome, refuse, settle } from './outcome.ts'
import { malformedPush } from './replies.ts'
import { type ServeParts, underWatch, type Visit } from './serve.ts'

/** How long a client that has sent its pack may keep the channel open before it is answered, in milliseconds. */
const quietAfter = 3000

/**
 * Reads a pack that nobody wants. Git closes its side behind the pack, other clients wait for the answer with the
 * channel open: for them a pause counts as the end. To answer sooner would break off git's sending with an error that
 * hides the answer.
 */
const drain = (input: Readable): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, quietAfter)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    input.on('data', () => timer.refresh())
    for (const event of ['end', 'error', 'close'] as const) input.on(event, done)
  })

/** The whole push is declined before git is started, in the words of a pre-receive hook. */
const decline = async (visit: Visit, push: PushRequest, refusal: Refusal, entry: Entry<object>): Promise<Outcome> => {
  const { ends } = visit
  const bringsPack = push.updates.some((update) => !isDeletion(update))
  if (bringsPack) await drain(ends.input)
  const report = declinedReport(push, refusal.message)
  await new Promise((resolve) => ends.output.write(report, resolve))
  return { exit: 0, refusal, entry }
}

/** The second question, with the ref updates; nothing of the first one counts any more. */
const take = async (parts: ServeParts, visit: Visit, push: PushRequest): Promise<Outcome> => {
  const { knock, ends } = visit
  const entry = await parts.gate.push(knock, push.updates)
  const admission = entry.decision
  if (wasRefused(admission)) {
    const isDeclined = disclose(admission, entry.who?.principal).kind === 'declined'
    return isDeclined ? decline(visit, push, admission, entry) : refuse(ends, admission, entry)
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
    return push.updates.length === 0 ? { exit: 0, entry } : await take(parts, visit, push)
  } catch (fault) {
    if (!(fault instanceof MalformedPush)) throw fault
    return { exit: answer(ends, malformedPush(fault.message)), entry, reason: fault.message }
  }
}

import { disclose } from '../access/disclose.ts'
import type { Entry } from '../access/gate.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Ending } from '../git/engine.ts'
import type { ChannelEnds } from './channel-ends.ts'
import { busy, cutOff, type Reply, refusalReply } from './replies.ts'

/** How a command ended: for the client's exit status, and for the log. */
export interface Outcome {
  readonly exit: number
  readonly refusal?: Refusal
  /** Whoever asked, and for what, as far as it came to that. */
  readonly entry?: Pick<Entry<object>, 'who' | 'project'>
  /** Why nothing was served, or why it stopped halfway, where no rule refused it. */
  readonly reason?: string
  /** Stopped halfway: a client that does not read is not waited for. */
  readonly isCut?: boolean
}

/** Says a reply and ends with its status. */
export const answer = (ends: ChannelEnds, { text, exit }: Reply): number => {
  ends.say(text)
  return exit
}

export const refuse = (ends: ChannelEnds, refusal: Refusal, entry: Entry<object>): Outcome => {
  const reply = refusalReply(disclose(refusal, entry.who?.principal))
  return { exit: answer(ends, reply), refusal, entry }
}

/** A transfer that was cut off tells the client why, where there still is one. */
export const settle = (ends: ChannelEnds, ending: Ending, entry: Entry<object>): Outcome => {
  if (ending.kind === 'exited') {
    return { exit: ending.code, entry, ...(ending.declined !== undefined && { refusal: ending.declined }) }
  }
  if (ending.kind === 'busy') return { exit: answer(ends, busy), entry, reason: 'git_busy' }
  return { exit: answer(ends, cutOff(ending.reason)), entry, reason: ending.reason, isCut: true }
}

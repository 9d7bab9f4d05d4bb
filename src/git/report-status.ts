import { encodeBand, encodePacket, flushPacket } from './pkt-line.ts'
import { printable } from './printable.ts'
import type { PushRequest } from './ref-commands.ts'

/** What git itself says of every ref once its pre-receive hook failed; GitLab's clients match on it. */
const hookDeclined = 'pre-receive hook declined'

export const hasSideBand = (push: PushRequest): boolean => push.capabilities.has('side-band-64k')

const wantsReport = ({ capabilities }: PushRequest): boolean =>
  capabilities.has('report-status') || capabilities.has('report-status-v2')

const report = (push: PushRequest): Buffer =>
  Buffer.concat([
    encodePacket('unpack ok\n'),
    ...push.updates.map(({ ref }) => encodePacket(`ng ${ref} ${hookDeclined}\n`)),
    flushPacket,
  ])

/** A `remote:` message for the person who pushes; only for one who negotiated side-band. */
export const remoteMessage = (text: string): Buffer => encodeBand(2, Buffer.from(`${printable(text)}\n`))

/** Ends the push with an error, whatever was said before; only for one who negotiated side-band. */
export const fatalMessage = (text: string): Buffer => encodeBand(3, Buffer.from(printable(text)))

/**
 * The answer to a push that is declined before git is started, worded as git words a failed pre-receive hook
 * (`report-status` of git's `pack-protocol`): the whole push is refused, each ref says so, the text tells why.
 */
export const declinedReport = (push: PushRequest, text: string): Buffer => {
  const lines = wantsReport(push) ? report(push) : Buffer.alloc(0)
  if (!hasSideBand(push)) return lines
  return Buffer.concat([remoteMessage(`GitLab: ${text}`), encodeBand(1, lines), flushPacket])
}

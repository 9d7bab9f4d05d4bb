import { randomUUID } from 'node:crypto'
import type { ServerChannel, Session } from 'ssh2'
import { disclose } from '../access/disclose.ts'
import { refusedUse } from '../access/refused-use.ts'
import type { Presented } from '../core/credential.ts'
import { type LogFields, projectFields, refusalFields, tellLine, whoFields } from '../log.ts'
import { type ChannelEnds, endsOf } from './channel-ends.ts'
import type { Wire } from './channel-writer.ts'
import { type Command, gitProtocolOf, parseExec } from './exec.ts'
import { answer, type Outcome } from './outcome.ts'
import { badPath, disallowed, faultReply, type Reply, refusalReply, unknownCommand, unparsable, welcome } from './replies.ts'
import { type ServeParts, serveArchive, serveFetch } from './serve.ts'
import { servePush } from './serve-push.ts'

/** How long a client whose transfer was cut off may take to read why, in milliseconds. */
const cutPatience = 2000

/** Who is at the other end of a connection that has logged in. */
export interface Visitor {
  readonly presented: Presented
  /** Undefined where the client is gone already. */
  readonly address: string | undefined
  readonly wire: Wire
  /** See `SshLimits`. */
  readonly silence: number
}

/** Commands of one connection that are running now. */
export interface Attendance {
  started(ends: ChannelEnds): void
  ended(ends: ChannelEnds): void
}

/** What the client said before its command. */
interface Wishes {
  protocol: string | undefined
  terminal: boolean
}

interface Channel {
  readonly ends: ChannelEnds
  readonly wishes: Wishes
}

const greet = async (parts: ServeParts, visitor: Visitor, { ends, wishes }: Channel): Promise<Outcome> => {
  const who = await parts.gate.identify(visitor.presented)
  if (!('principal' in who)) {
    return { exit: answer(ends, refusalReply(disclose(who, undefined))), refusal: who }
  }
  ends.output.write(`${welcome(who.principal)}${wishes.terminal ? '\r\n' : '\n'}`)
  return { exit: 0, entry: { who, project: undefined } }
}

const turnDown = (ends: ChannelEnds, reply: Reply, reason: string): Outcome => ({ exit: answer(ends, reply), reason })

const git = { 'upload-pack': serveFetch, 'upload-archive': serveArchive, 'receive-pack': servePush } as const

const run = async (parts: ServeParts, visitor: Visitor, command: Command, channel: Channel): Promise<Outcome> => {
  const { ends, wishes } = channel
  switch (command.kind) {
    case 'welcome':
      return greet(parts, visitor, channel)
    case 'git': {
      const knock = { presented: visitor.presented, path: command.path, address: visitor.address }
      return git[command.service](parts, { knock, protocol: wishes.protocol, ends })
    }
    case 'disallowed':
      return turnDown(ends, disallowed, 'arguments_wrong')
    case 'bad-path':
      return turnDown(ends, badPath, 'path_malformed')
    case 'unknown':
      return turnDown(ends, unknownCommand(command.shown), 'command_unknown')
    case 'unparsable':
      return turnDown(ends, unparsable, 'command_unparsable')
  }
}

const nameOf = (command: Command): string => ('service' in command ? `git-${command.service}` : command.kind)

const outcomeFields = ({ exit, refusal, entry, reason }: Outcome): LogFields => ({
  exit_code: exit,
  ...whoFields(entry?.who),
  ...projectFields(entry?.project),
  ...(refusal && refusalFields(refusal, entry?.who?.credential)),
  ...(reason !== undefined && { 'meta.refusal_reason': reason }),
})

const tellRefusal = (parts: ServeParts, { address }: Visitor, command: Command, { refusal, entry }: Outcome): void => {
  if (refusal === undefined) return
  const push = command.kind === 'git' && command.service === 'receive-pack'
  parts.refusals.refused(refusedUse(refusal, entry, { door: 'ssh', push, address, at: parts.clock() }))
}

/** Runs one command to its end, whatever happens, and writes its one line into the log. */
const attendCommand = async (parts: ServeParts, visitor: Visitor, command: Command, channel: Channel): Promise<void> => {
  const id = randomUUID()
  const begun = performance.now()
  const { log } = parts
  const fields = (): Record<string, unknown> => ({
    door: 'ssh',
    correlation_id: id,
    remote_ip: visitor.address ?? 'unknown',
    command: nameOf(command),
    ...(command.kind === 'git' && { path: command.path }),
    duration_s: Math.round(performance.now() - begun) / 1000,
  })
  try {
    const outcome = await run(parts, visitor, command, channel)
    tellRefusal(parts, visitor, command, outcome)
    await channel.ends.finish(outcome.exit, outcome.isCut ? cutPatience : undefined)
    const isRefused = outcome.refusal !== undefined || outcome.reason !== undefined
    const line = { ...fields(), ...outcomeFields(outcome) }
    tellLine(log, isRefused ? 'warn' : 'info', line, isRefused ? 'refused' : 'done')
  } catch (fault) {
    tellLine(log, 'error', { ...fields(), err: fault }, 'fault')
    await channel.ends.finish(answer(channel.ends, faultReply(fault, id)))
  }
}

/** Attends to one session of a connection: at most one command, or the welcome where there is none. */
export const attendSession = (session: Session, visitor: Visitor, parts: ServeParts, attendance: Attendance): void => {
  const wishes: Wishes = { protocol: undefined, terminal: false }
  const begin = (channel: ServerChannel | undefined, command: Command): void => {
    // A second command in one session: ssh2 answers it itself, and gives no channel.
    if (channel === undefined) return
    const ends = endsOf(channel, visitor.wire, visitor.silence)
    session.on('close', () => ends.leave())
    attendance.started(ends)
    attendCommand(parts, visitor, command, { ends, wishes })
      .catch((fault: unknown) => parts.log.error({ door: 'ssh', remote_ip: visitor.address, err: fault }, 'fault'))
      .finally(() => attendance.ended(ends))
  }
  // ssh2 hands no `accept` and no `reject` where the client wants no answer, which its types do not say.
  session.on('env', (accept: (() => void) | undefined, reject: (() => void) | undefined, { key, val }) => {
    const protocol = gitProtocolOf(key, val)
    if (protocol === undefined) return reject?.()
    wishes.protocol = protocol
    accept?.()
  })
  session.on('pty', (accept: (() => void) | undefined) => {
    wishes.terminal = true
    accept?.()
  })
  session.on('shell', (accept) => begin(accept(), { kind: 'welcome' }))
  session.on('exec', (accept, _reject, { command }) => begin(accept(), parseExec(command)))
}

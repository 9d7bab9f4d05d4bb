import type { Disclosure } from '../access/disclose.ts'
import { diskTroubleOf, diskTroubleWords } from '../core/disk-trouble.ts'
import type { Principal } from '../core/principal.ts'
import { serverIsBusy } from '../git/engine.ts'
import { printable } from '../git/printable.ts'

/** What is written to the client's standard error, and the exit status behind it. */
export interface Reply {
  readonly text: string
  readonly exit: number
}

const divider = '='.repeat(72)

/**
 * GitLab's frame for trouble (gitlab-shell, `console` and `sshd/session.go`). The message ends in a newline of its own,
 * so an empty line stands behind it.
 */
const framed = (message: string): string => {
  const lines = ['', divider, '', ...printable(`ERROR: ${message}`).split('\n')].map((line) => `remote: ${line}\n`)
  const end = ['', divider, ''].map((line) => `remote: ${line}\n`)
  return [...lines, '\n', ...end].join('')
}

const failed = (message: string): Reply => ({ text: framed(message), exit: 1 })

const keyGone = 'The SSH key that you connected with is not accepted.'

type Wording = { readonly [Kind in Disclosure['kind']]: (disclosure: Extract<Disclosure, { kind: Kind }>) => Reply }

const wordings: Wording = {
  challenge: () => failed(keyGone),
  unchallenged: () => failed(keyGone),
  hidden: ({ message }) => failed(message),
  forbidden: ({ message }) => failed(message),
  unprocessable: ({ message }) => failed(message),
  busy: ({ message }) => failed(message),
  // Only what is shown over HTTP is counted, so nobody hears this.
  banned: ({ message }) => failed(message),
  declined: ({ message }) => failed(message),
}

/** Every kind of refusal in this door's words. */
export const refusalReply = <Kind extends Disclosure['kind']>(disclosure: Extract<Disclosure, { kind: Kind }>): Reply => {
  const word: (disclosure: Extract<Disclosure, { kind: Kind }>) => Reply = wordings[disclosure.kind]
  return word(disclosure)
}

export const unknownCommand = (shown: string): Reply => ({ text: framed(`Unknown command: ${shown}`), exit: 128 })

export const unparsable: Reply = { text: framed('Failed to parse command: invalid command line string'), exit: 128 }

export const disallowed: Reply = failed('Disallowed command')

export const badPath: Reply = failed('This is not the path of a project.')

export const malformedPush = (message: string): Reply => ({ text: framed(message), exit: 128 })

export const busy: Reply = failed(serverIsBusy)

export const cutOff = (reason: string): Reply => failed(`Stopped: ${reason}.`)

/** A fault of ours. The id is in the log too. */
export const faultReply = (fault: unknown, id: string): Reply => {
  const trouble = diskTroubleOf(fault)
  const what = trouble === undefined ? 'Something went wrong on the server.' : diskTroubleWords[trouble]
  return { text: framed(`${what} Tell an administrator this id: ${id}`), exit: 128 }
}

const greetedName = (principal: Principal): string | undefined => {
  if (principal.kind === 'user') return principal.user.username
  return principal.kind === 'deploy-key' ? principal.creator?.username : undefined
}

/** The greeting of `ssh -T`: a deploy key greets the user who added it (gitlab-shell, `discover`). */
export const welcome = (principal: Principal): string => {
  const name = greetedName(principal)
  return `Welcome to GitLab, ${name === undefined ? 'Anonymous' : `@${name}`}!`
}

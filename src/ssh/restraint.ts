import type { Socket } from 'node:net'

/** Messages of a client before it has logged in. A login takes five, and one for each key that is offered in vain. */
const mostOfStrangers = 128
/** Bytes of such a message. OpenSSH's offer has two thousand, a login by the largest RSA key and its signature five. */
const mostBytesOfStrangers = 2 ** 14
/** Bytes that may wait for a client that goes on asking. */
const mostUnread = 2 ** 20
/** Questions of a client that does not read; in a slow transfer one may come each few seconds, to see whether we are there. */
const mostUnreadQuestions = 1_000

const messageOffer = 20

/** Messages that are answered at once, whether or not the answers are read: offers, global and channel requests (RFC 4250). */
const questions: ReadonlySet<number | undefined> = new Set([messageOffer, 80, 90, 98])

/**
 * Bounds what a client can make us keep, or do, by messages alone. Before a login their number bounds all: work,
 * answers that are not read, and bytes that come, since each message is bounded too; and keys are exchanged once. ssh2 itself
 * answers without looking whether anybody reads.
 */
export class Restraint {
  readonly #socket: Pick<Socket, 'writableLength' | 'destroy'>
  #isStranger = true
  #messages = 0
  #offers = 0
  #questions = 0

  constructor(socket: Pick<Socket, 'writableLength' | 'destroy'>) {
    this.#socket = socket
  }

  loggedIn(): void {
    this.#isStranger = false
  }

  /** Looks at one message that has come. Ends the connection, and throws, where it is one too many. */
  readonly hear = (payload: Buffer): Buffer => {
    if (this.#isStranger) this.#countMessage(payload)
    else if (questions.has(payload[0])) this.#countQuestion()
    return payload
  }

  #countMessage(payload: Buffer): void {
    this.#messages += 1
    if (payload[0] === messageOffer) this.#offers += 1
    if (this.#offers > 1) this.#cut('keys exchanged again before a login')
    if (payload.length > mostBytesOfStrangers) this.#cut('a message too large before a login')
    if (this.#messages > mostOfStrangers) this.#cut('too many messages before a login')
  }

  #countQuestion(): void {
    this.#questions = this.#socket.writableLength > mostUnread ? this.#questions + 1 : 0
    if (this.#questions > mostUnreadQuestions) this.#cut('too many questions whose answers are not read')
  }

  #cut(reason: string): never {
    this.#socket.destroy()
    throw new Error(reason)
  }
}

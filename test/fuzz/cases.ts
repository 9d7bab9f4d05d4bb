import { setTimeout as pause } from 'node:timers/promises'
import { Dice } from './dice.ts'
import { ExecLogin } from './exec-login.ts'
import type { SshSample } from './git-samples.ts'
import type { Ground } from './ground.ts'
import { mutate, sshMutations } from './mutate.ts'
import { say } from './raw.ts'
import { mutateRequest, type Sample } from './requests.ts'
import { kexinitIn, loginPackets, PacketLogin, sessionPackets } from './ssh-packets.ts'

/** For a connection to end when its client has said all, in milliseconds; far more than it takes on a busy machine. */
const patience = 30_000
/** How long an answer is waited for. A push is slower, and what it did has to be heard. */
const quiet = { usual: 250, push: 3_000 } as const
const packetsOfLogin = 5

/** What one case led to. */
export interface Verdict {
  /** How many cases it was; one where it does not say. */
  readonly cases?: number
  /** What is wrong, in words; undefined where nothing is. */
  readonly wrong?: string
  readonly statuses?: readonly number[]
  /** Refs of which it was said that they changed, or of which nothing was heard in the end. */
  readonly refs?: readonly string[]
}

const okRefs = (text: string): string[] => [...text.matchAll(/ok (refs\/[^\n\0]+)\n/g)].map((match) => match[1] ?? '')
const namedRefs = (sent: Buffer): string[] => [...sent.toString('latin1').matchAll(/refs\/[^\0\n ]+/g)].map(([name]) => name)

const show = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1', 0, 4_000))

/** For these the server starts a process, which costs as much as ten others. */
const asksGit = ({ head }: Sample): boolean => /\/(repository|pipeline|lint)\b/.test(head.toString('latin1'))

/** 503 is what the server says when it has too much to do. */
const isFault = (status: number): boolean => status >= 500 && status !== 503

/** Says cases of each kind, one in a round or some; logins over SSH are kept where they can be. */
export class Cases {
  readonly #ground: Ground
  readonly #seed: number
  readonly #httpPort: number
  readonly #logins: ExecLogin[] = []
  readonly #kexinit: Buffer
  readonly #light: readonly Sample[]
  readonly #heavy: readonly Sample[]

  constructor(ground: Ground, seed: number) {
    this.#ground = ground
    this.#seed = seed
    this.#httpPort = Number(new URL(ground.server.http).port)
    this.#kexinit = kexinitIn(ground.git.greeting)
    this.#light = ground.written.filter((sample) => !asksGit(sample))
    this.#heavy = ground.written.filter(asksGit)
  }

  /** Round number `at` of this seed: of a hundred, 86 over HTTP and 14 over SSH. */
  run(at: number): Promise<Verdict> {
    const dice = new Dice(this.#seed, at)
    const kind = dice.below(100)
    if (kind < 76) return this.#http(dice, this.#light)
    if (kind < 79) return this.#http(dice, this.#heavy)
    if (kind < 86) return this.#http(dice, this.#ground.git.http)
    if (kind < 94) return this.#greeting(dice)
    if (kind < 98) return this.#exec(dice)
    return this.#packets(dice)
  }

  async #http(dice: Dice, samples: readonly Sample[]): Promise<Verdict> {
    const sent = mutateRequest(dice.pick(samples), dice, dice.pick(samples))
    const isPush = sent.includes('receive-pack')
    const heard = await say(this.#httpPort, sent, { quiet: isPush ? quiet.push : quiet.usual, patience })
    const { statuses, text } = heard
    const refs = isPush ? (heard.ended && statuses.length > 0 ? okRefs(text) : namedRefs(sent)) : []
    if (!heard.ended) return { wrong: `the connection stayed open after ${show(sent)}`, statuses, refs }
    const fault = statuses.find(isFault)
    return { statuses, refs, ...(fault !== undefined && { wrong: `${fault} for ${show(sent)}` }) }
  }

  async #greeting(dice: Dice): Promise<Verdict> {
    const { greeting } = this.#ground.git
    const sent = mutate(greeting, dice, greeting, sshMutations)
    const heard = await say(this.#ground.server.ssh.port, sent, { quiet: quiet.usual, patience })
    return heard.ended ? {} : { wrong: `SSH stayed open after ${show(sent)}` }
  }

  /** Three of four change the command, the others what is sent to it. */
  async #exec(dice: Dice): Promise<Verdict> {
    const sample = dice.pick(this.#ground.git.ssh)
    const other = dice.pick(this.#ground.git.ssh)
    const changed = dice.once(4) ? this.#otherInput(sample, other, dice) : this.#otherLine(sample, other, dice)
    const login = this.#logins.pop() ?? new ExecLogin(this.#ground.server.ssh.port, this.#ground.key)
    const output = await login.run(changed, patience)
    this.#logins.push(login)
    if (output === undefined) return { wrong: `${changed.line} did not end after ${show(changed.input)}` }
    return { refs: changed.line.includes('receive-pack') ? [...okRefs(output), ...this.#unheard(changed, output)] : [] }
  }

  /** Where a push broke off, its last words may be lost. */
  #unheard({ input }: SshSample, output: string): string[] {
    return output.includes('unpack ') ? [] : namedRefs(input)
  }

  #otherInput(sample: SshSample, other: SshSample, dice: Dice): SshSample {
    return { ...sample, input: mutate(sample.input, dice, other.input, sshMutations) }
  }

  #otherLine(sample: SshSample, other: SshSample, dice: Dice): SshSample {
    const line = mutate(Buffer.from(sample.line), dice, Buffer.from(other.line), sshMutations).toString('latin1')
    const protocol = dice.once(3) ? dice.bytes(12).toString('latin1') : sample.protocol
    return { ...sample, line, protocol }
  }

  /** Some packets within an encrypted connection, half of them before the login. */
  async #packets(dice: Dice): Promise<Verdict> {
    const { server, key } = this.#ground
    const isIn = dice.once(2)
    const login = await PacketLogin.open(server.ssh.port, isIn ? key : undefined)
    const packets = [...(isIn ? sessionPackets(this.#kexinit) : loginPackets(login.session)), ...sessionPackets(this.#kexinit)]
    for (let left = packetsOfLogin; left > 0 && !login.isOver; left -= 1) {
      const packet = dice.pick(packets)
      login.say(dice.once(3) ? packet : mutate(packet, dice, dice.pick(packets), sshMutations))
    }
    await Promise.race([login.ended, pause(50)])
    login.close()
    const ended = await Promise.race([login.ended.then(() => true), pause(patience, false)])
    return { cases: packetsOfLogin, ...(!ended && { wrong: 'an SSH connection stayed open' }) }
  }

  close(): void {
    for (const login of this.#logins) login.close()
  }
}

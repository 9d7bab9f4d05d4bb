import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Secret } from '../core/secret.ts'
import { FairLine } from './fair-line.ts'

const derive = promisify((parameters: Argon2Parameters, done: (fault: Error | null, key: Buffer) => void) =>
  argon2('argon2id', parameters, done),
)

/** OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const
const tagLength = 32

/** Checks that wait in one process; beyond that the answer is "busy". Each takes some 40 ms and 19 MiB. */
const mostWaiting = 32

/**
 * With so many waiting it is a storm: checks then take half of the time, and leave the other half to whoever has shown a
 * better credential.
 */
const storm = 4

/** Checks under way in one process: two where it is alone, and one in each of several, which are about as many as cores. */
const atOnceIn = (processes: number): number => (processes === 1 ? 2 : 1)

/** In which checks wait. */
export const lineOfChecks = (processes: number): FairLine => new FairLine(atOnceIn(processes), mostWaiting, storm)

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

interface StoredHash {
  readonly parameters: Omit<Argon2Parameters, 'message'>
  readonly tag: Buffer
}

/** The PHC string form: `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`. */
const parseHash = (text: string): StoredHash => {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  if (match === null) throw new Error('a stored password hash has an unknown form')
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  const bytes = Buffer.from(tag, 'base64')
  return {
    parameters: {
      nonce: Buffer.from(salt, 'base64'),
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: bytes.length,
    },
    tag: bytes,
  }
}

/** Argon2id, a few at a time, so that a storm of bad logins cannot take the machine. */
export class Passwords {
  readonly #line: FairLine
  /** Compared against where there is no account, so that a wrong name takes as long as a wrong password. */
  readonly #decoy: StoredHash = {
    parameters: { nonce: randomBytes(16), ...cost, tagLength },
    tag: randomBytes(tagLength),
  }

  /** @param processes how many check passwords on this machine */
  constructor(processes = 1) {
    this.#line = lineOfChecks(processes)
  }

  async hash(password: Secret): Promise<string | 'busy'> {
    const nonce = randomBytes(16)
    const tag = await this.#line.run(Symbol('one of its own'), () =>
      derive({ message: Secret.open(password), nonce, ...cost, tagLength }),
    )
    if (tag === 'busy') return 'busy'
    return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(nonce)}$${base64(tag)}`
  }

  /** @param who whose password is tried: few wait for the same, and those who try another are not behind them */
  async verify(
    stored: string | undefined,
    password: Secret,
    who: string | symbol = Symbol('one of its own'),
  ): Promise<'right' | 'wrong' | 'busy'> {
    const { parameters, tag } = stored === undefined ? this.#decoy : parseHash(stored)
    const derived = await this.#line.run(who, () => derive({ message: Secret.open(password), ...parameters }))
    if (derived === 'busy') return 'busy'
    return timingSafeEqual(derived, tag) && stored !== undefined ? 'right' : 'wrong'
  }
}

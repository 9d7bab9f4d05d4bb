import { LRUCache } from 'lru-cache'

/** Answers of the store that may be given again. That nothing was found is never among them. */
export interface Memory<Answer> {
  /**
   * The answer that is remembered under a key, else what is read now.
   * @param key all that the answer depends on besides the store; never a secret
   * @param isKept whether what was found may be given again; all of it unless said otherwise
   */
  of(key: string, read: () => Promise<Answer>, isKept?: (found: NonNullable<Answer>) => boolean): Promise<Answer>
}

/** Makes a memory for one kind of question. */
export type Remembering = <Answer>() => Memory<Answer>

/** For those who ask the store every time. */
export const rememberNothing: Remembering = () => ({ of: (_key, read) => read() })

/**
 * Answers of each kind that one process keeps: more than a busy server has credentials in use at a time, and some MB. The
 * one that was not asked for the longest goes first. What somebody makes up is not found, and so pushes nothing out.
 */
const mostKept = 10_000

const always = (): boolean => true

/** How a question was answered: from memory, with the answer to another's, or by the store. */
export type Answered = 'remembered' | 'shared' | 'read'

/**
 * Keeps what was read for as long as the store's security epoch stands. The epoch is read before the store, at each
 * question: a write in between is seen by the next question, which then finds an epoch under which nothing is kept.
 * Those who ask for the same at once share one reading.
 */
class EpochCache<Answer> implements Memory<Answer> {
  readonly #epoch: () => number
  readonly #count: (how: Answered) => void
  readonly #kept = new LRUCache<string, NonNullable<Answer>>({ max: mostKept })
  #reading = new Map<string, Promise<Answer>>()
  #keptUnder: number | undefined

  constructor(epoch: () => number, count: (how: Answered) => void) {
    this.#epoch = epoch
    this.#count = count
  }

  async of(key: string, read: () => Promise<Answer>, isKept: (found: NonNullable<Answer>) => boolean = always): Promise<Answer> {
    this.#follow(this.#epoch())
    const kept = this.#kept.get(key)
    const reading = kept === undefined ? this.#reading.get(key) : undefined
    this.#count(kept !== undefined ? 'remembered' : reading !== undefined ? 'shared' : 'read')
    return kept ?? reading ?? this.#read(key, read, isKept)
  }

  #follow(epoch: number): void {
    if (epoch === this.#keptUnder) return
    this.#keptUnder = epoch
    this.#kept.clear()
    // Those who wait for a reading that began under the old epoch get it; nobody else does, and it is not kept.
    this.#reading = new Map()
  }

  async #read(key: string, read: () => Promise<Answer>, isKept: (found: NonNullable<Answer>) => boolean): Promise<Answer> {
    const underThisEpoch = this.#reading
    const reading = read()
    underThisEpoch.set(key, reading)
    try {
      const answer = await reading
      if (isFound(answer) && underThisEpoch === this.#reading && isKept(answer)) this.#kept.set(key, answer)
      return answer
    } finally {
      underThisEpoch.delete(key)
    }
  }
}

const isFound = <Answer>(answer: Answer): answer is NonNullable<Answer> => answer !== undefined && answer !== null

/**
 * Memories that hold for one state of the store each.
 * @param epoch reads the store's security epoch as it is now
 * @param count told of each question
 */
export const rememberUnder =
  (epoch: () => number, count: (how: Answered) => void = () => {}): Remembering =>
  () =>
    new EpochCache(epoch, count)

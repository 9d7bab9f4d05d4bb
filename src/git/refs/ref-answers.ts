import { LRUCache } from 'lru-cache'
import type { Admission } from '../../access/decide.ts'
import type { ProjectId } from '../../core/ids.ts'
import type { Command } from '../command-request.ts'
import { isHiddenFromPushes } from '../invocation.ts'
import { protocolVersion } from '../protocol-version.ts'
import { type AdvertisedService, advertisementOf } from './advertisement.ts'
import { LearntCapabilities, type Subject } from './capabilities.ts'
import { answerRefQuestion, isSoonAnswered, type RefQuestion, readRefQuestion } from './ls-refs.ts'
import type { Peels } from './peeled.ts'
import type { RefSnapshot } from './snapshot.ts'
import { RefSnapshots } from './snapshots.ts'

export type ShowsRefs = Admission<'upload-pack'> | Admission<'advertise-push'>

/** What git itself has to say before refs can be told without it. */
export interface GitSays {
  /** The beginning of the advertisement that it makes of a repository; undefined where it could not. */
  advertisement(admission: ShowsRefs, protocol: string | undefined): Promise<Buffer | undefined>
  peels(admission: Admission<'upload-pack'>, ids: readonly string[]): Promise<Peels | undefined>
}

/** Answers that are kept, in bytes, so that they need not be put together again while the refs stay as they are. */
const mostKept = 32 * 2 ** 20

/** A question that is longer is not worth its place. */
const longestKept = 4_096

const nothingHidden = (): boolean => false

/** Git could not say what it was asked; then it is left to answer the whole question. */
class NothingSaid extends Error {}

/** What repositories show of their refs, told from memory. Undefined everywhere means that git is to be asked instead. */
export class RefAnswers {
  readonly snapshots: RefSnapshots
  readonly #capabilities = new LearntCapabilities()
  readonly #git: GitSays
  readonly #kept = new LRUCache<string, Buffer>({ maxSize: mostKept, sizeCalculation: ({ length }) => length + longestKept })
  /** By which the answers about a snapshot are found; a snapshot that is let go takes its name along. */
  readonly #names = new WeakMap<RefSnapshot, number>()
  #lastName = 0

  constructor(directoryOf: (repository: ProjectId) => string, git: GitSays) {
    this.snapshots = new RefSnapshots(directoryOf)
    this.#git = git
  }

  /** The ref advertisement; in protocol 2, of capabilities alone. */
  async advertisement(admission: ShowsRefs, protocol: string | undefined): Promise<Buffer | undefined> {
    const version = protocolVersion(protocol)
    if (admission.service === 'upload-pack') {
      if (version === 2) return this.#learnt(admission, 'version-2')
      return this.#advertise(await this.#complete(admission), admission, 'upload-pack', version)
    }
    // There is no push by protocol 2: git takes such a wish for one of protocol 0.
    const snapshot = await this.snapshots.of(admission.repository)
    return this.#advertise(snapshot, admission, 'receive-pack', version === 1 ? 1 : 0)
  }

  /** The answer to `ls-refs`. */
  async refs(admission: Admission<'upload-pack'>, command: Command): Promise<Buffer | undefined> {
    const question = readRefQuestion(command)
    if (question === undefined) return undefined
    const { repository } = admission
    const snapshot = question.peel ? await this.#complete(admission) : await this.snapshots.of(repository)
    if (snapshot === undefined || !isSoonAnswered(snapshot, question)) return undefined
    return this.#once(snapshot, questionName(question), () => answerRefQuestion(snapshot, question))
  }

  async #advertise(
    snapshot: RefSnapshot | undefined,
    admission: ShowsRefs,
    service: AdvertisedService,
    version: 0 | 1,
  ): Promise<Buffer | undefined> {
    const learnt = await this.#learnt(admission, service)
    if (snapshot === undefined || learnt === undefined) return undefined
    const isHidden = service === 'receive-pack' ? isHiddenFromPushes : nothingHidden
    const capabilities = learnt.toString('latin1')
    return this.#once(snapshot, `${service} ${version}`, () =>
      advertisementOf(snapshot, { service, version, capabilities, isHidden }),
    )
  }

  #learnt(admission: ShowsRefs, subject: Subject): Promise<Buffer | undefined> {
    const protocol = subject === 'version-2' ? 'version=2' : undefined
    return this.#capabilities.of(subject, () => this.#git.advertisement(admission, protocol))
  }

  async #complete(admission: Admission<'upload-pack'>): Promise<RefSnapshot | undefined> {
    try {
      return await this.snapshots.complete(admission.repository, async (ids) => {
        const peels = await this.#git.peels(admission, ids)
        if (peels === undefined) throw new NothingSaid()
        return peels
      })
    } catch (fault) {
      if (fault instanceof NothingSaid) return undefined
      throw fault
    }
  }

  #once(snapshot: RefSnapshot, name: string, make: () => Buffer): Buffer {
    const key = `${this.#nameOf(snapshot)} ${name}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const answer = make()
    if (name.length <= longestKept) this.#kept.set(key, answer)
    return answer
  }

  #nameOf(snapshot: RefSnapshot): number {
    const known = this.#names.get(snapshot)
    if (known !== undefined) return known
    this.#lastName += 1
    this.#names.set(snapshot, this.#lastName)
    return this.#lastName
  }
}

const questionName = ({ peel, symrefs, unborn, prefixes }: RefQuestion): string =>
  `ls-refs ${Number(peel)}${Number(symrefs)}${Number(unborn)} ${JSON.stringify(prefixes)}`

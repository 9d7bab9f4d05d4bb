import { LRUCache } from 'lru-cache'
import type { ProjectId } from '../../core/ids.ts'
import { isHiddenFromAll } from '../invocation.ts'
import { completed, idsToPeel, type Peels, peelsOf } from './peeled.ts'
import { type Reading, readRepository, stillHolds } from './reading.ts'
import { type RefSnapshot, snapshotOf } from './snapshot.ts'

/** Asks git what the objects with these ids stand for. */
export type AskPeels = (ids: readonly string[]) => Promise<Peels>

interface Kept {
  readonly reading: Reading
  readonly snapshot: RefSnapshot
  /** The same with every tag looked up, once that was asked for. */
  complete: RefSnapshot | undefined
}

/** A ref takes some 300 bytes, so that this bounds them to some 100 MB in a worker. */
const mostRefs = 400_000

const sizeOf = ({ reading }: Kept): number => 1 + reading.packed.length + reading.loose.files.size + reading.loose.folders.size

/**
 * The refs of repositories as they are on disk at the moment of each question, read again only where a file says that it
 * has changed, whoever changed it.
 */
export class RefSnapshots {
  readonly #directoryOf: (repository: ProjectId) => string
  readonly #kept = new LRUCache<ProjectId, Kept>({ maxSize: mostRefs, sizeCalculation: sizeOf })
  readonly #reading = new Map<ProjectId, Promise<Kept | undefined>>()
  /** What tags stand for never changes, so that it outlives the snapshots. */
  readonly #peels = new LRUCache<ProjectId, Peels>({ maxSize: mostRefs, sizeCalculation: (peels) => 1 + peels.size })

  constructor(directoryOf: (repository: ProjectId) => string) {
    this.#directoryOf = directoryOf
  }

  /** Undefined where the repository is not one that is read here; git is to be asked then. */
  async of(repository: ProjectId): Promise<RefSnapshot | undefined> {
    return (await this.#current(repository))?.snapshot
  }

  /** The same, with what each tag stands for. Undefined, too, where a ref names an object that is not there. */
  async complete(repository: ProjectId, ask: AskPeels): Promise<RefSnapshot | undefined> {
    const kept = await this.#current(repository)
    if (kept === undefined) return undefined
    kept.complete ??= await this.#completed(repository, kept.snapshot, ask)
    return kept.complete
  }

  /** A reading that another question began is older than this one, and counts only where it still holds. */
  async #current(repository: ProjectId): Promise<Kept | undefined> {
    const directory = this.#directoryOf(repository)
    for (;;) {
      const kept = this.#kept.get(repository)
      if (kept !== undefined) {
        const holds = stillHolds(kept.reading)
        if (holds === true || (holds !== false && (await holds))) return kept
      }
      const running = this.#reading.get(repository)
      if (running === undefined) return this.#read(repository, directory, kept)
      await running.catch(() => {})
    }
  }

  #read(repository: ProjectId, directory: string, known: Kept | undefined): Promise<Kept | undefined> {
    const reading = readRepository(directory, known?.reading).then((read) => this.#take(repository, read))
    this.#reading.set(repository, reading)
    return reading.finally(() => this.#reading.delete(repository))
  }

  #take(repository: ProjectId, reading: Reading | undefined): Kept | undefined {
    const kept = reading && { reading, snapshot: snapshotOf(reading, isHiddenFromAll), complete: undefined }
    // What was kept before stays otherwise: it does not hold any more, but most of its files may.
    if (kept?.reading.isLasting === true) this.#kept.set(repository, kept)
    return kept
  }

  async #completed(repository: ProjectId, snapshot: RefSnapshot, ask: AskPeels): Promise<RefSnapshot | undefined> {
    const known: Peels = this.#peels.get(repository) ?? new Map()
    const ids = idsToPeel(snapshot, known)
    const peels = ids.length === 0 ? known : new Map([...known, ...(await ask(ids))])
    if (ids.length > 0) this.#peels.set(repository, peelsOf(snapshot, peels))
    return completed(snapshot, peels)
  }
}

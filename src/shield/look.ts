import type { ObjectPiece } from '../git/push-inspection.ts'
import type { Reader } from '../store/routes.ts'
import type { Digest } from '../tokens/digest.ts'
import { DigestSet } from './digest-set.ts'
import type { Place } from './findings.ts'
import { LineCounter, lineEnds } from './lines.ts'
import { charactersIn, longRuns } from './long-runs.ts'
import type { Candidate, SecretScan } from './scan.ts'
import type { Suspicions } from './suspicions.ts'
import { bareDigests } from './tokens-of-applications.ts'

/** Tokens of OAuth that are held in memory while a push is looked at; of more, each word of their form is looked up. */
const standardMostBare = 5_000

const nothing = new DigestSet([])

/** A piece, and where in it a group of base64 begins that goes on behind it. */
interface Seen {
  readonly piece: ObjectPiece
  readonly openRun: number | undefined
}

/** Characters of the next piece before its first group of base64. */
const skipBehind = ({ piece: { bytes, at }, openRun }: Seen, next: number): number => {
  if (openRun === undefined) return 0
  return (4 - (charactersIn(bytes, openRun, next - at) % 4)) % 4
}

const anything = (): boolean => true

const bareTest = (known: DigestSet | undefined): ((digest: Digest) => boolean) | undefined => {
  if (known === undefined) return anything
  return known.isEmpty ? undefined : (digest) => known.has(digest)
}

/** Reads objects piece by piece, and knows on which line it is. */
export class Look {
  readonly #suspicions: Suspicions
  readonly #scan: Promise<SecretScan>
  readonly #reader: Reader
  readonly #mostBare: number
  #bare: Promise<DigestSet | undefined> | undefined
  #before: Seen | undefined
  /** Lines that ended before the piece that is looked at. */
  #lines = 0

  constructor(suspicions: Suspicions, scan: Promise<SecretScan>, reader: Reader, mostBare: number = standardMostBare) {
    this.#suspicions = suspicions
    this.#scan = scan
    this.#reader = reader
    this.#mostBare = mostBare
    // Whoever sees nothing asks for nothing; a fault comes with the first piece.
    scan.catch(() => {})
  }

  async see(piece: ObjectPiece): Promise<void> {
    const scan = await this.#scan
    const bare = await this.#bareFor(piece.bytes)
    const before = piece.at === 0 ? undefined : this.#before
    this.#lines = before === undefined ? 0 : this.#lines + lineEnds(before.piece.bytes, 0, piece.at - before.piece.at)
    const lines = new LineCounter(piece.bytes, this.#lines + 1)
    const placeAt = (offset: number): Place => ({ object: piece.object.id, type: piece.object.type, line: lines.lineAt(offset) })
    const found = (candidate: Candidate): void => this.#suspicions.add(candidate, placeAt(candidate.at))
    const skip = before === undefined ? 0 : skipBehind(before, piece.at)
    const { isWhole, openRun } = scan.scan(piece.bytes, { isBare: bareTest(bare), skip, found })
    if (!isWhole) this.#suspicions.giveUp(placeAt(lines.offset))
    this.#before = { piece, openRun }
    if (this.#suspicions.isFull) await this.#suspicions.settle()
  }

  /** All that words of OAuth's form may be; undefined where that is too much. Most files have no place for one. */
  async #bareFor(bytes: Buffer): Promise<DigestSet | undefined> {
    if (this.#bare === undefined && longRuns(bytes).next().done === true) return nothing
    this.#bare ??= this.#readBare()
    return this.#bare
  }

  async #readBare(): Promise<DigestSet | undefined> {
    const digests = await bareDigests(this.#reader, this.#mostBare)
    return digests.length < this.#mostBare ? new DigestSet(digests) : undefined
  }
}

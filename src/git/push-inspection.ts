import type { Admission } from '../access/decide.ts'
import type { Refusal } from '../core/refusal.ts'
import type { ObjectLine } from './object-reader.ts'

/** A piece of an object that a push brings. */
export interface ObjectPiece {
  readonly object: ObjectLine
  /** Where in the object it begins, in bytes. It repeats the end of the piece before it. */
  readonly at: number
  readonly bytes: Buffer
}

/** What a look at one push finds out. */
export interface PushInspection {
  /** Takes the next piece; all of an object before the next one. */
  see(piece: ObjectPiece): Promise<void>
  /** All was seen: the objects because of which it is to be refused. */
  suspects(): Promise<ReadonlySet<string>>
  /**
   * The refusal, in words that name these objects; undefined where none of them counts.
   * @param paths of suspects that are files; those that are new without being one have none
   */
  conclude(suspects: ReadonlySet<string>, paths: ReadonlyMap<string, string>): Promise<Refusal | undefined>
}

/** Looks at what pushes bring while it is in quarantine. */
export type InspectPush = (admission: Admission<'receive-pack'>) => PushInspection

import { z } from 'zod'
import type { JobId } from '../../core/ids.ts'
import { Secret } from '../../core/secret.ts'
import type { SealedPlace, Sealer } from '../../tokens/seal.ts'
import type { Store } from '../sqlite.ts'

const placeOf = (id: JobId): SealedPlace => ({ table: 'jobs', column: 'masks', row: id })

/** A sealed value holds so many characters at most; masks are kept in as many of them as they need. */
const longestPiece = 16_384

const piecesOf = (text: string): string[] => {
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += longestPiece) pieces.push(text.slice(at, at + longestPiece))
  return pieces
}

/** Keeps the values that a job's log must not show, for as long as the job runs. */
export const keepMasks = async (store: Store, sealer: Sealer, id: JobId, masks: readonly string[]): Promise<void> => {
  const sealed = piecesOf(JSON.stringify(masks)).map((piece) => sealer.seal(new Secret(piece), placeOf(id)))
  await store.write
    .updateTable('jobs')
    .set({ masks: sealed.join(' ') })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .execute()
}

const values = z.array(z.string())

/** The values that a job's log must not show. */
export const masksOf = (sealer: Sealer, { id, masks }: { readonly id: JobId; readonly masks: string | null }): Secret[] => {
  if (masks === null) return []
  const text = masks
    .split(' ')
    .map((piece) => Secret.open(sealer.open(piece, placeOf(id))))
    .join('')
  return values.parse(JSON.parse(text)).map((value) => new Secret(value))
}

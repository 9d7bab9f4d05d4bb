import { makeSealingKey, readSealingKey, sealingKeyFile } from '../keys.ts'
import { noteSealingFingerprint, sealingFingerprint } from '../store/sealing-keys.ts'
import type { Store } from '../store/sqlite.ts'
import { Sealer } from '../tokens/seal.ts'
import { UnusableKeyFile } from '../unusable-key-file.ts'

/** The sealer of a home whose key is there. Throws `UnusableKeyFile` where it is not. */
export const loadSealer = async (keys: string): Promise<Sealer> => {
  const key = await readSealingKey(keys)
  if (key === undefined) throw new UnusableKeyFile(`${sealingKeyFile(keys)}: is missing`)
  return new Sealer(key)
}

/**
 * Sees to it that the key in `keys/` is the one that sealed what is in the database. It is made once, with the database:
 * a new key in the place of a lost one would make every sealed secret unreadable without anybody being told.
 */
export const ensureSealer = async (store: Store, keys: string, now: number): Promise<Sealer> => {
  const path = sealingKeyFile(keys)
  const known = await sealingFingerprint(store.read)
  if (known === undefined) await makeSealingKey(keys)
  else if ((await readSealingKey(keys)) === undefined) {
    throw new UnusableKeyFile(`${path}: is missing, and the database holds secrets sealed with it; put it back from a backup`)
  }
  const sealer = await loadSealer(keys)
  if (known === undefined)
    await store.write.transaction().execute((writer) => noteSealingFingerprint(writer, sealer.fingerprint, now))
  else if (known !== sealer.fingerprint) {
    throw new UnusableKeyFile(`${path}: is not the key with which the database was sealed; put back the one that belongs to it`)
  }
  return sealer
}

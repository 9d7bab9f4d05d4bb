import { createSecretKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Upkeep } from '../access/upkeep.ts'
import type { ProjectId } from '../core/ids.ts'
import { runTask, TaskFailed } from '../git/maintenance/run-task.ts'
import { BrokenDatabase, checkDatabaseFile } from '../store/check-file.ts'
import { sealingFingerprintOfAny } from '../store/sealing-keys.ts'
import { openStore, type Store, schemaAge } from '../store/sqlite.ts'
import { Sealer } from '../tokens/seal.ts'
import { BrokenBackup } from './archive-reader.ts'
import { keyPlace, places, repositoryPlace } from './places.ts'

/** What does not stop a restore, since it was so before: it is told. */
export interface Flaws {
  /** Projects whose repository is not in the backup. */
  readonly missing: readonly ProjectId[]
  /** What git says of repositories that it finds broken. */
  readonly broken: ReadonlyMap<ProjectId, string>
}

const checkFiles = (folder: string): void => {
  for (const place of [places.database, places.activity]) {
    if (!existsSync(join(folder, place))) throw new BrokenBackup(`it holds no ${place}`)
    try {
      checkDatabaseFile(join(folder, place))
    } catch (fault) {
      if (fault instanceof BrokenDatabase) throw new BrokenBackup(`${place} is damaged: ${fault.message}`)
      throw fault
    }
  }
}

/** Without the key by which it was sealed, a database is half a database. */
const checkSealingKey = async (folder: string, store: Store): Promise<void> => {
  const known = await sealingFingerprintOfAny(store.read)
  if (known === undefined) return
  const file = join(folder, keyPlace('sealing_key'))
  const text = existsSync(file) ? (await readFile(file, 'utf8')).trim() : ''
  const key = Buffer.from(text, 'base64')
  const fits = key.length === 32 && new Sealer(createSecretKey(key)).fingerprint === known
  if (!fits) throw new BrokenBackup('its sealing key is not the one of its database')
}

/** Checks the databases, and opens them. Throws `BrokenBackup`. */
export const openChecked = async (folder: string): Promise<Store> => {
  checkFiles(folder)
  const store = openStore(join(folder, places.database))
  try {
    const age = await schemaAge(store)
    // An older one the start brings up to date.
    if (age !== 'older' && age !== 'ours') throw new BrokenBackup('its database is of a version that this one does not know')
    await checkSealingKey(folder, store)
    return store
  } catch (fault) {
    await store.close()
    throw fault
  }
}

const fsck = async (folder: string, upkeep: Upkeep, signal: AbortSignal): Promise<string | undefined> => {
  const directory = join(folder, repositoryPlace(upkeep.repository))
  try {
    await runTask({ upkeep, directory, signal }, { kind: 'fsck' })
    return undefined
  } catch (fault) {
    if (fault instanceof TaskFailed && !fault.wasEnded) return fault.message
    throw fault
  }
}

/** Lets git look at the repository of each project. */
export const checkRepositories = async (
  store: Store,
  folder: string,
  admit: (repository: ProjectId) => Upkeep,
  checked: (repository: ProjectId) => void,
  signal: AbortSignal,
): Promise<Flaws> => {
  const missing: ProjectId[] = []
  const broken = new Map<ProjectId, string>()
  for (const { id } of await store.read.selectFrom('projects').select('id').orderBy('id').execute()) {
    signal.throwIfAborted()
    if (!existsSync(join(folder, repositoryPlace(id), 'HEAD'))) {
      missing.push(id)
      continue
    }
    const complaint = await fsck(folder, admit(id), signal)
    if (complaint !== undefined) broken.set(id, complaint)
    checked(id)
  }
  return { missing, broken }
}

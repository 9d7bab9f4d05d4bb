import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, openStore } from '../../src/store/sqlite.ts'
import { storeContract } from './store.ts'

storeContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-store-'))
  const address = join(directory, 'store.db')
  const store = openStore(address)
  await migrate(store)
  await store.close()
  return { open: () => openStore(address), address, remove: () => rm(directory, { recursive: true, force: true }) }
})

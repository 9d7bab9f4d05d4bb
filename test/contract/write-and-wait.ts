/** Writes one row, says so, and waits to be killed. */
import { openStore } from '../../src/store/sqlite.ts'

const store = openStore(process.argv[2] ?? '')
await store.write.insertInto('settings').values({ key: 'acknowledged', value: '1' }).execute()
process.stdout.write('acknowledged\n')
setInterval(() => {}, 1000)

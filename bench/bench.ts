/** `npm run bench`: Sallyport beside nginx with git-http-backend and beside sshd, on this machine, in one run. */

import { writeDocument } from './document.ts'
import { commands } from './groups/commands.ts'
import { fetches } from './groups/fetches.ts'
import { jobs } from './groups/jobs.ts'
import { memory } from './groups/memory.ts'
import { requests } from './groups/requests.ts'
import { ssh } from './groups/ssh.ts'
import { start } from './groups/start.ts'
import { describeMachine, machine } from './machine.ts'
import type { Row } from './measure.ts'
import { type Options, readOptions } from './options.ts'
import { ensurePeers } from './peers/install.ts'
import { progress } from './progress.ts'
import { type Scene, setScene } from './scene.ts'
import { ratio, table } from './table.ts'

const groups: Readonly<Record<string, (scene: Scene) => Promise<Row[]>>> = {
  requests,
  fetches,
  commands,
  ssh,
  jobs,
  start,
  memory,
}

const wanted = ({ only, huge }: Options): [string, (scene: Scene) => Promise<Row[]>][] =>
  Object.entries(groups).filter(([name]) => (only === undefined ? huge || name !== 'memory' : name === only))

const measure = async (options: Options): Promise<Row[]> => {
  await using scene = await setScene(options)
  const rows: Row[] = []
  for (const [, group] of wanted(options)) rows.push(...(await group(scene)))
  return rows
}

/** An interrupted run ends at once; what is to be cleaned up is done on the way out. */
const stopWhenTold = (): void => {
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
}

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2), Object.keys(groups))
  ensurePeers()
  stopWhenTold()
  const where = machine()
  const rows = await measure(options)
  const figures = `${describeMachine(where)}\n\n${table(rows)}`
  if (options.json) console.log(JSON.stringify({ machine: where, rows: rows.map((row) => ({ ...row, ratio: ratio(row) })) }))
  else console.log(figures)
  if (options.write) await writeDocument(figures)
}

await main().catch((fault: unknown) => {
  progress(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault))
  process.exitCode = 1
})

/** `npm run bench`: Sallyport beside nginx with git-http-backend and beside sshd, on this machine, in one run. */

import { writeDocument } from './document.ts'
import { isMet, ratio } from './goal.ts'
import { commands } from './groups/commands.ts'
import { connections } from './groups/connections.ts'
import { crowd } from './groups/crowd.ts'
import { fetches } from './groups/fetches.ts'
import { jobs } from './groups/jobs.ts'
import { memory } from './groups/memory.ts'
import { requests } from './groups/requests.ts'
import { ssh } from './groups/ssh.ts'
import { start } from './groups/start.ts'
import { stored } from './groups/stored.ts'
import { describeMachine, machine } from './machine.ts'
import type { Row } from './measure.ts'
import { type Options, readOptions } from './options.ts'
import { ensurePeers } from './peers/install.ts'
import { progress } from './progress.ts'
import { type Scene, setScene } from './scene.ts'
import { table } from './table.ts'

type Group = (scene: Scene) => Promise<Row[]>

const groups: Readonly<Record<string, Group>> = {
  requests,
  fetches,
  crowd,
  commands,
  ssh,
  stored,
  connections,
  jobs,
  start,
  memory,
}

const wanted = ({ only, huge }: Options): Group[] =>
  Object.entries(groups)
    .filter(([name]) => (only === undefined ? huge || name !== 'memory' : name === only))
    .map(([, group]) => group)

const report = (fault: unknown): void => {
  progress(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault))
  process.exitCode = 1
}

/** A group that fails is told of and has no rows; the others are measured nevertheless. */
const measure = async (options: Options): Promise<Row[]> => {
  await using scene = await setScene(options)
  const rows: Row[] = []
  for (const group of wanted(options)) {
    try {
      rows.push(...(await group(scene)))
    } catch (fault) {
      report(fault)
    }
  }
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
  const told = rows.map((row) => ({ ...row, ratio: ratio(row), met: isMet(row) }))
  if (options.json) console.log(JSON.stringify({ machine: where, rows: told }))
  else console.log(figures)
  if (!options.write) return
  if (process.exitCode === 1) throw new Error('nothing was written: some of the figures are missing')
  await writeDocument(figures)
}

await main().catch(report)

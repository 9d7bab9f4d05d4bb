/** `npm run bench`: Sallyport beside nginx with git-http-backend and beside sshd, on this machine, in one run. */

import type { Curve } from './curve.ts'
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
import { growthOfClients } from './growth/clients.ts'
import { growthOfRefs } from './growth/refs.ts'
import { growthOfTokens } from './growth/tokens.ts'
import { describeMachine, machine } from './machine.ts'
import type { Row } from './measure.ts'
import { type Options, readOptions } from './options.ts'
import { ensurePeers } from './peers/install.ts'
import { progress } from './progress.ts'
import { type Scene, setScene } from './scene.ts'
import { curveTable, table } from './table.ts'

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

const growths = [growthOfRefs, growthOfTokens, growthOfClients]

const wanted = ({ only, huge }: Options): Group[] =>
  Object.entries(groups)
    .filter(([name]) => (only === undefined ? huge || name !== 'memory' : name === only))
    .map(([, group]) => group)

const report = (fault: unknown): void => {
  progress(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault))
  process.exitCode = 1
}

/** What fails is told of and has no figures; the rest is measured nevertheless. */
const each = async <Value>(scene: Scene, measures: readonly ((scene: Scene) => Promise<Value[]>)[]): Promise<Value[]> => {
  const values: Value[] = []
  for (const measure of measures) {
    try {
      values.push(...(await measure(scene)))
    } catch (fault) {
      report(fault)
    }
  }
  return values
}

const measure = async (options: Options): Promise<{ rows: Row[]; curves: Curve[] }> => {
  await using scene = await setScene(options)
  const told =
    (group: Group): Group =>
    async (of) => {
      const rows = await group(of)
      // Whatever becomes of the rest of a long run, these are not lost.
      progress(`measured:\n${table(rows)}`)
      return rows
    }
  const rows = await each(scene, wanted(options).map(told))
  return { rows, curves: await each(scene, options.scale ? growths : []) }
}

/** An interrupted run ends at once; what is to be cleaned up is done on the way out. */
const stopWhenTold = (): void => {
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
}

const show = (where: string, rows: readonly Row[], curves: readonly Curve[]): void => {
  console.log(where)
  if (rows.length > 0) console.log(`\n${table(rows)}`)
  for (const curve of curves) console.log(`\n${curve.title}:\n\n${curveTable(curve)}`)
}

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2), [...Object.keys(groups), 'scale'])
  ensurePeers()
  stopWhenTold()
  const computer = machine()
  const { rows, curves } = await measure(options)
  const told = rows.map((row) => ({ ...row, ratio: ratio(row), met: isMet(row) }))
  const where = describeMachine(computer)
  if (options.json) console.log(JSON.stringify({ machine: computer, rows: told, curves }))
  else show(where, rows, curves)
  if (!options.write) return
  if (process.exitCode === 1) throw new Error('nothing was written: some of the figures are missing')
  await writeDocument({ where, rows, curves })
}

await main().catch(report)

import { spawnSync } from 'node:child_process'
import { availableParallelism, loadavg, totalmem } from 'node:os'
import { findProgram } from '../scripts/needs.ts'

/** Some programs tell their version on standard error. */
const versionOf = (program: string, flag: string): string => {
  const { stdout, stderr } = spawnSync(findProgram(program) ?? program, [flag], { encoding: 'utf8' })
  return /\d+\.\d+(\.\d+)?(p\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown'
}

/** What is measured on, and with what; asked before the run, so that the load is that of others. */
export const machine = () => ({
  cores: availableParallelism(),
  memory: totalmem(),
  node: process.versions.node,
  git: versionOf('git', '--version'),
  nginx: versionOf('nginx', '-v'),
  openssh: versionOf('ssh', '-V'),
  load: loadavg()[0] ?? 0,
  day: new Date().toISOString().slice(0, 10),
})

export const describeMachine = ({ cores, memory, node, git, nginx, openssh, load, day }: ReturnType<typeof machine>): string =>
  `Measured on ${day}: ${cores} cores, ${Math.round(memory / 2 ** 30)} GiB of memory, Node ${node}, git ${git}, ` +
  `nginx ${nginx}, OpenSSH ${openssh}; load average before the run: ${load.toFixed(1)}.`

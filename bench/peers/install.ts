import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { benchNeeds, ensureNeeds, findProgram } from '../../scripts/needs.ts'

/** The services that Debian starts when it installs the packages of these programs. */
const services: Readonly<Record<string, readonly string[]>> = {
  nginx: ['nginx.service'],
  fcgiwrap: ['fcgiwrap.socket', 'fcgiwrap.service'],
  sshd: ['ssh.service'],
}

/** Sees to it that the peers are there. A service that came with what was installed just now is not left running. */
export const ensurePeers = (): void => {
  const installed = Object.keys(services).filter((program) => findProgram(program) === undefined)
  ensureNeeds(benchNeeds)
  if (installed.length === 0 || !existsSync('/run/systemd/system')) return
  const units = installed.flatMap((program) => services[program] ?? [])
  spawnSync('systemctl', ['disable', '--now', '--quiet', ...units], { stdio: ['ignore', 'ignore', 'inherit'] })
}

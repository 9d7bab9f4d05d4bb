import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../scripts/needs.ts'
import { processesOf } from '../memory.ts'
import { freePort, run, startDaemon, whenListening } from '../processes.ts'
import type { Credentials, Server } from '../server.ts'

const configuration = (directory: string, port: number): string => `ListenAddress 127.0.0.1:${port}
HostKey ${directory}/host-key
AuthorizedKeysFile ${directory}/authorized-keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AcceptEnv GIT_PROTOCOL
UseDNS no
PrintMotd no
PrintLastLog no
MaxStartups 100
`

/** sshd started by root insists on this empty folder, which the system's own service makes and removes. */
const separationFolder = '/run/sshd'

const lendSeparationFolder = (stack: AsyncDisposableStack): void => {
  if (process.getuid?.() !== 0 || existsSync(separationFolder)) return
  mkdirSync(separationFolder, { mode: 0o755 })
  const remove = (): void => {
    if (existsSync(separationFolder)) rmdirSync(separationFolder)
  }
  stack.defer(remove)
  process.on('exit', remove)
}

/** OpenSSH's own server, which starts a shell and git for each command, on the repositories of the other peer. */
export const startSshd = async (
  directory: string,
  repositories: string,
  { publicKey }: Credentials,
): Promise<Server & AsyncDisposable> => {
  const program = findProgram('sshd')
  if (program === undefined) throw new Error('sshd is not installed')
  const port = await freePort()
  await mkdir(directory, { recursive: true })
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'host-key')])
  await writeFile(join(directory, 'authorized-keys'), `${publicKey}\n`, { mode: 0o600 })
  await writeFile(join(directory, 'sshd_config'), configuration(directory, port))
  const logFile = join(directory, 'log')
  await using stack = new AsyncDisposableStack()
  lendSeparationFolder(stack)
  const daemon = stack.use(await startDaemon(program, ['-D', '-e', '-f', join(directory, 'sshd_config')], logFile))
  await whenListening(port, logFile)
  const started = stack.move()
  return {
    url: (repository) => `ssh://${userInfo().username}@127.0.0.1:${port}${repositories}/${repository}.git`,
    processes: () => processesOf([daemon.pid], 'sshd'),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

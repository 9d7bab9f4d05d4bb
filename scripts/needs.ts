import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that a command of the project starts, or a file that it reads, and the Debian package that brings it. */
export interface Need {
  /** A name to be searched for, or a whole path. */
  readonly program: string
  readonly package: string
}

const isThere = (program: string): boolean => (program.startsWith('/') ? existsSync(program) : findProgram(program) !== undefined)

const isRunnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where a program lies; servers such as sshd are not in everyone's search path. */
export const findProgram = (program: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/lib/git-core']
    .map((directory) => join(directory, program))
    .find(isRunnable)

const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync('/etc/debian_version')

const install = (packages: readonly string[]): void => {
  console.error(`installing Debian packages: ${packages.join(' ')}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  const arguments_ = ['install', '-y', '-qq', '--no-install-recommends', '--', ...packages]
  spawnSync('apt-get', arguments_, { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
}

/** Sees to it that every program is there: installs what is missing where that is allowed, else says how and stops. */
export const ensureNeeds = (needs: readonly Need[]): void => {
  const missing = (): string[] => [...new Set(needs.filter((need) => !isThere(need.program)).map((need) => need.package))]
  if (missing().length > 0 && mayInstall()) install(missing())
  const still = missing()
  if (still.length === 0) return
  console.error(`These Debian packages are missing. Install them with:\n  sudo apt-get install -y ${still.join(' ')}`)
  process.exit(1)
}

export const testNeeds: readonly Need[] = [
  { program: 'git', package: 'git' },
  { program: 'ssh', package: 'openssh-client' },
  { program: 'ssh-keygen', package: 'openssh-client' },
  { program: 'ssh-agent', package: 'openssh-client' },
  { program: 'ssh-audit', package: 'ssh-audit' },
  { program: 'curl', package: 'curl' },
  { program: 'faketime', package: 'faketime' },
  { program: 'chromium', package: 'chromium' },
  { program: 'git-credential-oauth', package: 'git-credential-oauth' },
  { program: 'docker-registry', package: 'docker-registry' },
  { program: 'skopeo', package: 'skopeo' },
  { program: '/usr/lib/python3/dist-packages/gitlab/__init__.py', package: 'python3-gitlab' },
]

/** The peers that Sallyport is measured against, and what measures. */
export const benchNeeds: readonly Need[] = [
  ...testNeeds,
  { program: 'nginx', package: 'nginx' },
  { program: 'fcgiwrap', package: 'fcgiwrap' },
  { program: 'sshd', package: 'openssh-server' },
  { program: 'wrk', package: 'wrk' },
]

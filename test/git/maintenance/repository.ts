import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admitUpkeep } from '../../../src/access/upkeep.ts'
import type { ProjectId } from '../../../src/core/ids.ts'
import type { MaintenanceEvent } from '../../../src/git/maintenance/events.ts'
import type { Care } from '../../../src/git/maintenance/look-after.ts'
import { standardGrace } from '../../../src/git/maintenance/pack-anew.ts'
import { Repositories } from '../../../src/git/repositories.ts'

const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
}

/** Runs git as a person would; throws where it fails. */
export const git = (directory: string, ...words: string[]): string =>
  execFileSync('git', words, { cwd: directory, env: environment, stdio: 'pipe' }).toString().trim()

export const days = (count: number): number => count * 86_400_000

/** A bare repository with a checkout beside it, and the care that it gets. */
export class TendedRepository {
  readonly root = mkdtempSync(join(tmpdir(), 'maintenance-'))
  readonly id = 7 as ProjectId
  readonly repositories = new Repositories(join(this.root, 'repos'))
  readonly directory = this.repositories.directoryOf(this.id)
  readonly checkout = join(this.root, 'checkout')
  readonly events: MaintenanceEvent[] = []
  pruned = 0
  #files = 0

  static async make(): Promise<TendedRepository> {
    const made = new TendedRepository()
    await made.repositories.create(made.id, 'main')
    git(made.root, 'init', '-q', '-b', 'main', made.checkout)
    return made
  }

  care(changes: Partial<Care> = {}, signal = new AbortController().signal): Care {
    return {
      site: { upkeep: admitUpkeep(this.id), directory: this.directory, signal },
      repository: this.id,
      heard: (event) => void this.events.push(event),
      grace: standardGrace,
      rest: 0,
      pruned: async () => {
        this.pruned += 1
      },
      ...changes,
    }
  }

  /** Commits new files in the checkout; answers the commit. */
  commit(files = 1): string {
    for (let made = 0; made < files; made += 1) {
      this.#files += 1
      writeFileSync(join(this.checkout, `file-${this.#files}`), `${this.#files}\n`.repeat(this.#files))
    }
    git(this.checkout, 'add', '.')
    git(this.checkout, 'commit', '-q', '-m', `commit ${this.#files}`)
    return git(this.checkout, 'rev-parse', 'HEAD')
  }

  /** `unpacked`: as loose objects, as git stores a small push. */
  push(refspec: string, how: 'unpacked' | 'packed' = 'unpacked'): void {
    git(this.directory, 'config', 'receive.unpackLimit', how === 'packed' ? '1' : '10000')
    git(this.checkout, 'push', '-q', this.directory, refspec)
  }

  has(id: string): boolean {
    try {
      git(this.directory, 'cat-file', '-e', id)
      return true
    } catch {
      return false
    }
  }

  /** Throws where anything is missing or broken. */
  check(): string {
    return git(this.directory, 'fsck', '--full', '--strict', '--no-dangling')
  }

  files(folder: string): string[] {
    return readdirSync(join(this.directory, folder)).sort()
  }

  get packs(): string[] {
    return this.files('objects/pack').filter((name) => name.endsWith('.pack'))
  }

  get looseObjects(): number {
    return this.files('objects')
      .filter((name) => /^[0-9a-f]{2}$/.test(name))
      .reduce((sum, name) => sum + this.files(`objects/${name}`).length, 0)
  }

  get faults(): unknown[] {
    return this.events.flatMap((event) => (event.kind === 'failed' ? [event.fault] : []))
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

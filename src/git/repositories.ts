import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ProjectId } from '../core/ids.ts'
import { makeDirectory, syncDirectory, writeNewFile } from './durable-files.ts'
import { printable } from './printable.ts'
import { readHead, readRefs, unlessAbsent } from './ref-files.ts'

const folders = ['objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'refs/tags'] as const

/** SHA-1 and loose ref files whatever a later git prefers. */
const config = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n'

/** The core of `git check-ref-format`: enough that the line in `HEAD` says one branch and nothing else. */
const assertBranch = (branch: string): void => {
  const isSafe = printable(branch) === branch && !branch.includes('..') && !/[\s~^:?*[\\]/.test(branch)
  if (branch === '' || branch.startsWith('-') || !isSafe) throw new Error('a default branch needs a valid name')
}

const headLine = (branch: string): string => {
  assertBranch(branch)
  return `ref: refs/heads/${branch}\n`
}

const fill = async (directory: string, head: string): Promise<void> => {
  for (const folder of folders) await mkdir(join(directory, folder))
  await writeNewFile(join(directory, 'config'), config)
  await writeNewFile(join(directory, 'HEAD'), head)
  for (const folder of ['', ...folders]) await syncDirectory(join(directory, folder))
}

/** The bare repositories on disk, by id. A path is made from the number alone, so no client's name ever reaches the disk. */
export class Repositories {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  directoryOf(id: ProjectId): string {
    if (!Number.isSafeInteger(id) || id <= 0) throw new Error('a repository has a positive whole number')
    const folder = (id % 256).toString(16).padStart(2, '0')
    return join(this.#root, folder, `${id}.git`)
  }

  /** Makes an empty bare repository, durable when this returns. Fails where there is one already. */
  async create(id: ProjectId, initialBranch: string): Promise<void> {
    const directory = this.directoryOf(id)
    const head = headLine(initialBranch)
    const unfinished = this.#newName(`new-${id}`)
    await makeDirectory(unfinished)
    try {
      await fill(unfinished, head)
      await makeDirectory(dirname(directory))
      await rename(unfinished, directory)
    } catch (fault) {
      await rm(unfinished, { recursive: true, force: true })
      throw fault
    }
    await syncDirectory(dirname(directory))
  }

  /** Takes the repository out of reach at once, then deletes it. Nothing happens where there is none. */
  async remove(id: ProjectId): Promise<void> {
    const directory = this.directoryOf(id)
    const removed = this.#newName(`removed-${id}`)
    await makeDirectory(this.#aside)
    await unlessAbsent(rename(directory, removed).then(() => syncDirectory(dirname(directory))))
    await this.#sweep()
  }

  async exists(id: ProjectId): Promise<boolean> {
    return (await unlessAbsent(stat(join(this.directoryOf(id), 'HEAD')))) !== undefined
  }

  /** Every ref and its object id, read without starting git. */
  refs(id: ProjectId): Promise<Map<string, string>> {
    return readRefs(this.directoryOf(id))
  }

  /** The branch that a clone checks out, whether or not it exists yet. */
  head(id: ProjectId): Promise<string | undefined> {
    return readHead(this.directoryOf(id))
  }

  /** Under git's own lock file, so that it never meets a half-written `HEAD`. */
  async setHead(id: ProjectId, branch: string): Promise<void> {
    const directory = this.directoryOf(id)
    const lock = join(directory, 'HEAD.lock')
    await writeNewFile(lock, headLine(branch))
    await rename(lock, join(directory, 'HEAD'))
    await syncDirectory(directory)
  }

  /** Where repositories are made and die; on the same disk as the others, so that a rename moves them. */
  get #aside(): string {
    return join(this.#root, 'aside')
  }

  #newName(prefix: string): string {
    return join(this.#aside, `${prefix}-${randomBytes(6).toString('hex')}`)
  }

  /** Also takes what an earlier removal left when the machine went down. */
  async #sweep(): Promise<void> {
    const names = (await readdir(this.#aside)).filter((name) => name.startsWith('removed-'))
    for (const name of names) await rm(join(this.#aside, name), { recursive: true, force: true })
  }
}

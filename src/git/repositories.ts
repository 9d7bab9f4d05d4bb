import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isValidRefName } from '../access/rules/ref-name.ts'
import type { FirstCommit } from '../core/first-commit.ts'
import type { ProjectId } from '../core/ids.ts'
import { makeDirectory, syncDirectory, writeNewFile } from './durable-files.ts'
import { writeFirstCommit } from './first-commit.ts'
import { readHead, readRefs } from './ref-files.ts'
import { unlessAbsent } from './system-errors.ts'

/** Folders of a bare repository, each one behind the one it stands in. */
export const repositoryFolders = ['objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'refs/tags'] as const

/** What each repository says of itself: SHA-1 and loose ref files, whatever a later git prefers. */
export const repositoryConfig = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n'

/** As git checks a pushed branch, so that whatever was pushed can be the default; the line then says one branch and nothing else. */
const assertBranch = (branch: string): void => {
  if (!isValidRefName(`refs/heads/${branch}`)) throw new Error('a default branch needs a valid name')
}

const headLine = (branch: string): string => {
  assertBranch(branch)
  return `ref: refs/heads/${branch}\n`
}

const fill = async (directory: string, branch: string, first: FirstCommit | undefined): Promise<void> => {
  const head = headLine(branch)
  for (const folder of repositoryFolders) await mkdir(join(directory, folder))
  await writeNewFile(join(directory, 'config'), repositoryConfig)
  await writeNewFile(join(directory, 'HEAD'), head)
  if (first !== undefined) await writeFirstCommit(directory, branch, first)
  for (const folder of ['', ...repositoryFolders]) await syncDirectory(join(directory, folder))
}

/** A repository that waits for the id of its project. */
export interface PreparedRepository {
  place(id: ProjectId): Promise<void>
  discard(): Promise<void>
}

/** The bare repositories on disk, by id. A path is made from the number alone, so no client's name ever reaches the disk. */
export class Repositories {
  readonly #root: string
  readonly #removed: (id: ProjectId) => Promise<void>
  readonly #isHeld: () => boolean

  /**
   * @param removed is called after a repository was taken out of reach
   * @param isHeld whether what was taken out of reach has to stay on disk for now: it is being copied
   */
  constructor(root: string, removed: (id: ProjectId) => Promise<void> = async () => {}, isHeld: () => boolean = () => false) {
    this.#root = root
    this.#removed = removed
    this.#isHeld = isHeld
  }

  directoryOf(id: ProjectId): string {
    if (!Number.isSafeInteger(id) || id <= 0) throw new Error('a repository has a positive whole number')
    const folder = (id % 256).toString(16).padStart(2, '0')
    return join(this.#root, folder, `${id}.git`)
  }

  /**
   * Makes a bare repository, which is the slow part, under no id yet: empty, or with a first commit on its initial branch.
   * Durable when this returns.
   */
  async prepare(initialBranch: string, first?: FirstCommit): Promise<PreparedRepository> {
    assertBranch(initialBranch)
    const unfinished = this.#newName('new')
    const discard = () => rm(unfinished, { recursive: true, force: true })
    await makeDirectory(unfinished)
    try {
      await fill(unfinished, initialBranch, first)
    } catch (fault) {
      await discard()
      throw fault
    }
    return { discard, place: (id) => this.#place(unfinished, id) }
  }

  async create(id: ProjectId, initialBranch: string): Promise<void> {
    await (await this.prepare(initialBranch)).place(id)
  }

  /** Takes the repository out of reach at once, then deletes it. Nothing happens where there is none. */
  async remove(id: ProjectId): Promise<void> {
    const directory = this.directoryOf(id)
    const removed = this.#newName(`removed-${id}`)
    await makeDirectory(this.#aside)
    await unlessAbsent(rename(directory, removed).then(() => syncDirectory(dirname(directory))))
    await this.#removed(id)
    await this.sweepRemoved()
  }

  /** Where a repository lies now: in its place, or, when its project was removed, aside until it is deleted. */
  async whereNow(id: ProjectId): Promise<string> {
    const directory = this.directoryOf(id)
    if (await this.exists(id)) return directory
    const names = (await unlessAbsent(readdir(this.#aside))) ?? []
    const removed = names.find((name) => name.startsWith(`removed-${id}-`))
    return removed === undefined ? directory : join(this.#aside, removed)
  }

  /** Takes out of its place what belongs to no project. What it holds is kept, unless that is nothing. */
  async setAside(id: ProjectId): Promise<void> {
    const directory = this.directoryOf(id)
    const isEmpty = (await this.refs(id)).size === 0
    const kept = this.#newName(isEmpty ? `removed-${id}` : `stray-${id}`)
    await makeDirectory(this.#aside)
    await unlessAbsent(rename(directory, kept).then(() => syncDirectory(dirname(directory))))
    if (isEmpty) await rm(kept, { recursive: true, force: true })
  }

  /** Asked at each request: in step, which costs two microseconds, where a look in the background costs thirty. */
  exists(id: ProjectId): Promise<boolean> {
    return Promise.resolve(statSync(join(this.directoryOf(id), 'HEAD'), { throwIfNoEntry: false }) !== undefined)
  }

  /** The numbers of all that are on disk, in no order. */
  async all(): Promise<ProjectId[]> {
    const folders = ((await unlessAbsent(readdir(this.#root))) ?? []).filter((name) => /^[0-9a-f]{2}$/.test(name))
    const found: ProjectId[] = []
    for (const folder of folders) {
      for (const name of (await unlessAbsent(readdir(join(this.#root, folder)))) ?? []) {
        const number = /^([1-9]\d{0,14})\.git$/.exec(name)?.[1]
        if (number !== undefined) found.push(Number(number) as ProjectId)
      }
    }
    return found
  }

  /** Every ref and its object id, read without starting git. */
  refs(id: ProjectId): Promise<Map<string, string>> {
    return readRefs(this.directoryOf(id))
  }

  /** The branch that a clone checks out, whether or not it exists yet. */
  head(id: ProjectId): Promise<string | undefined> {
    return readHead(this.directoryOf(id))
  }

  /**
   * In one step, so that git never meets a half-written `HEAD`. Git's own lock is not taken: git writes no `HEAD` here,
   * and one that a kill left behind would stand in the way for good.
   */
  async setHead(id: ProjectId, branch: string): Promise<void> {
    const line = headLine(branch)
    const directory = this.directoryOf(id)
    const unfinished = this.#newName('head')
    await makeDirectory(this.#aside)
    await writeNewFile(unfinished, line)
    try {
      await rename(unfinished, join(directory, 'HEAD'))
    } catch (fault) {
      await rm(unfinished, { force: true })
      throw fault
    }
    await syncDirectory(directory)
  }

  /**
   * What stands in the place already belongs to no project: an id is given once, but a crash can take back the row of a
   * repository that was placed. It is kept aside and never deleted, for a database may have been restored from a backup.
   */
  async #place(unfinished: string, id: ProjectId): Promise<void> {
    const directory = this.directoryOf(id)
    await makeDirectory(dirname(directory))
    await unlessAbsent(rename(directory, this.#newName(`stray-${id}`)))
    await rename(unfinished, directory)
    await syncDirectory(dirname(directory))
  }

  /** Where repositories are made and die; on the same disk as the others, so that a rename moves them. */
  get #aside(): string {
    return join(this.#root, 'aside')
  }

  /** The process that it is of can be told from its name. */
  #newName(prefix: string): string {
    return join(this.#aside, `${prefix}-${process.pid}-${randomBytes(6).toString('hex')}`)
  }

  /** Deletes what was taken out of reach, also what an earlier removal left when the machine went down. */
  async sweepRemoved(): Promise<void> {
    const names = ((await unlessAbsent(readdir(this.#aside))) ?? []).filter((name) => name.startsWith('removed-'))
    // Asked once the names are known: who begins to hold them now knows nothing of these any more.
    if (this.#isHeld()) return
    for (const name of names) await rm(join(this.#aside, name), { recursive: true, force: true })
  }
}

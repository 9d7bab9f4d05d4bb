import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ProjectId } from '../../core/ids.ts'
import { ownIdentity } from './living.ts'

/** What an answer depends on, and nothing else. */
export interface FetchKey {
  readonly repository: ProjectId
  /** The state of its refs and objects, in hexadecimal digits. */
  readonly state: string
  /** A digest of the request as git is given it, in hexadecimal digits. */
  readonly request: string
}

const digits = /^[0-9a-f]{1,128}$/

const partSuffix = '.part'
const makingSuffix = '.making'

/** The name under which an answer can be found while it is made. */
export const partOf = (name: string): string => `${name}${partSuffix}`

export const isPart = (name: string): boolean => name.endsWith(partSuffix)

/** Counts over all caches of this process, since the names of links say the process alone. */
let links = 0

/** A name in `open/`, read again. */
export interface OpenLink {
  readonly identity: string
  readonly isMaking: boolean
}

export const parseLink = (name: string): OpenLink => ({
  identity: name.split('.', 2).join('.'),
  isMaking: name.endsWith(makingSuffix),
})

const privately = { recursive: true, mode: 0o700 } as const

/**
 * Where things lie: `<repository>/<state>/<request>` is an answer, with `.part` while it is made. Each process that has
 * one open holds a hard link to it in `open/`, named after the process: who reads what can be seen, what is read is
 * counted for as long as it takes up room, and what a dead process held is known for what it is.
 */
export class Layout {
  readonly directory: string
  readonly open: string

  constructor(directory: string) {
    this.directory = directory
    this.open = join(directory, 'open')
  }

  /** The path of an answer. What could lead elsewhere is a fault of the caller's. */
  nameOf({ repository, state, request }: FetchKey): string {
    if (!digits.test(state) || !digits.test(request)) throw new Error('a key of the fetch cache is hexadecimal digits')
    return join(this.folderOf(repository), state, request)
  }

  folderOf(repository: ProjectId): string {
    if (!Number.isSafeInteger(repository) || repository < 0) throw new Error('a repository is found by its number')
    return join(this.directory, String(repository))
  }

  newLink(what: 'reading' | 'making'): string {
    links += 1
    return join(this.open, `${ownIdentity}.${links}${what === 'making' ? makingSuffix : ''}`)
  }

  async prepare(): Promise<void> {
    await mkdir(this.open, privately)
  }

  /** Makes the folder of an answer; true where its state is new. */
  async prepareFolder(name: string): Promise<boolean> {
    return (await mkdir(dirname(name), privately)) !== undefined
  }
}

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../git/durable-files.ts'

/** So many are remembered: a large home has more of them than should stand in memory. */
const mostRemembered = 1000

/** Makes folders below one that is there, and brings to disk what was put into them. */
export class NewFolders {
  readonly #root: string
  readonly #changed = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** Is asked before each file that is put into the folder. */
  async make(folder: string): Promise<void> {
    if (this.#changed.has(folder)) return
    if (this.#changed.size >= mostRemembered) await this.sync()
    await mkdir(folder, { recursive: true })
    this.#note(folder)
  }

  /** What holds a new folder has changed too. */
  #note(folder: string): void {
    if (this.#changed.has(folder)) return
    this.#changed.add(folder)
    if (folder !== this.#root) this.#note(dirname(folder))
  }

  async sync(): Promise<void> {
    for (const folder of this.#changed) await syncDirectory(folder)
    this.#changed.clear()
  }
}

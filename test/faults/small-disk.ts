import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../support/client.ts'

const done = async (program: string, words: readonly string[]): Promise<void> => {
  const { code, stderr } = await run(program, words)
  if (code !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`)
}

/** Only the administrator of a machine may mount disks. */
export const mayMount = process.getuid?.() === 0

/** A file system in a file needs two things more. */
export const mayMakeFileSystem =
  mayMount && existsSync('/dev/loop-control') && ['/sbin', '/usr/sbin'].some((folder) => existsSync(join(folder, 'mkfs.ext4')))

const sizes = [65_536, 4_096, 512, 1]

/** Writes until there is no room for one more byte. */
const writeAll = (file: string): void => {
  const handle = openSync(file, 'a')
  try {
    for (const size of sizes) while (writes(handle, Buffer.alloc(size)));
  } finally {
    closeSync(handle)
  }
}

const writes = (handle: number, bytes: Buffer): boolean => {
  try {
    writeSync(handle, bytes)
    return true
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOSPC') return false
    throw fault
  }
}

/** A disk of a few mebibytes, in memory, that can be filled and freed. */
export class SmallDisk {
  readonly directory: string
  readonly #mounted: readonly string[]
  readonly #around: string

  private constructor(around: string, directory: string, mounted: readonly string[]) {
    this.#around = around
    this.directory = directory
    this.#mounted = mounted
  }

  static async #place(mebibytes: number): Promise<{ around: string; memory: string }> {
    const around = await mkdtemp(join(tmpdir(), 'sallyport-disk-'))
    const memory = join(around, 'memory')
    await mkdir(memory)
    await done('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', memory])
    return { around, memory }
  }

  static async make(mebibytes: number): Promise<SmallDisk> {
    const { around, memory } = await SmallDisk.#place(mebibytes)
    return new SmallDisk(around, memory, [memory])
  }

  /**
   * A file system of its own, so that it can fail as one on a real disk does.
   * @param behind mebibytes that the disk behind it really has: what is written beyond them fails when it is synced
   */
  static async makeFileSystem(mebibytes: number, behind = mebibytes + 4): Promise<SmallDisk> {
    const { around, memory } = await SmallDisk.#place(behind)
    const [image, directory] = [join(memory, 'image'), join(around, 'disk')]
    await mkdir(directory)
    await done('truncate', ['-s', `${mebibytes}M`, image])
    await done('mkfs.ext4', ['-q', '-E', 'nodiscard,lazy_itable_init=1', image])
    await done('mount', ['-o', 'loop,errors=continue', image, directory])
    return new SmallDisk(around, directory, [directory, memory])
  }

  fill(): void {
    writeAll(join(this.directory, 'ballast'))
  }

  free(): void {
    rmSync(join(this.directory, 'ballast'))
  }

  /** What is behind a file system becomes full, and free again. */
  fillBehind(): void {
    writeAll(join(this.#around, 'memory', 'ballast'))
  }

  freeBehind(): void {
    rmSync(join(this.#around, 'memory', 'ballast'))
  }

  /** As the kernel does it on its own after a fault: whoever has files open to write is not asked. */
  becomeReadOnly(): Promise<void> {
    return done('mount', ['-o', 'remount,abort,errors=remount-ro', this.directory])
  }

  /** As after a restart of the machine: only what was synced is there. */
  async mountAgain(): Promise<void> {
    await done('umount', [this.directory])
    await done('mount', ['-o', 'loop,errors=continue', join(this.#around, 'memory', 'image'), this.directory])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const mounted of this.#mounted) await done('umount', ['--lazy', mounted])
    await rm(this.#around, { recursive: true, force: true })
  }
}

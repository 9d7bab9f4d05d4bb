import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { packetsOf } from './packets.ts'
import { mustGit } from './stock-git.ts'

interface Answer {
  /** Whatever is not the pack, packet by packet. */
  readonly words: readonly string[]
  readonly pack: Buffer
}

/** Takes an answer apart; progress, which tells of times, is left out. */
export const apart = (bytes: Buffer): Answer => {
  const bands: Buffer[] = []
  const words: string[] = []
  for (const one of packetsOf(bytes)) {
    const band = Buffer.isBuffer(one) ? one[0] : undefined
    if (Buffer.isBuffer(one) && band === 1) bands.push(one.subarray(1))
    else if (band !== 2) words.push(one.toString('latin1'))
  }
  return { words, pack: Buffer.concat(bands) }
}

/** Ids of the objects in a pack, which may leave bases of its deltas to a repository. Throws where the pack is not sound. */
export const objectsIn = async (pack: Buffer, directory: string): Promise<string[]> => {
  const scratch = await mkdtemp(join(tmpdir(), 'index-'))
  try {
    await mustGit(['init', '-q', '--bare', scratch])
    await writeFile(join(scratch, 'objects/info/alternates'), `${join(directory, 'objects')}\n`)
    const said = await mustGit([`--git-dir=${scratch}`, 'index-pack', '--stdin', '--fix-thin', '--strict'], { input: pack })
    const name = said.split('\t')[1] ?? said
    const listed = await mustGit([`--git-dir=${scratch}`, 'verify-pack', '-v', join(scratch, `objects/pack/pack-${name}.idx`)])
    const rows = [...listed.matchAll(/^([0-9a-f]{40}) \w+ +\d+ \d+ (\d+)/gm)]
    // What lies behind the end of the pack that was sent are the bases that were added.
    return rows
      .filter((row) => Number(row[2]) < pack.length - 20)
      .map((row) => row[1] ?? '')
      .toSorted()
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Packs may differ in how they say what they hold. */
export const sameObjects = async (heard: Buffer, direct: Buffer, directory: string): Promise<void> => {
  if (heard.equals(direct)) return
  expect(await objectsIn(heard, directory)).toEqual(await objectsIn(direct, directory))
}

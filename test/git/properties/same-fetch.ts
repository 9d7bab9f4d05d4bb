import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import { packetsOf } from './packets.ts'
import type { Project, ProvingGround, Worker } from './proving-ground.ts'
import { type Asked, fetchArbitrary, type PlannedFetch, requestFor } from './random-fetches.ts'
import { type History, historyArbitrary, writeHistory } from './random-history.ts'
import { answerTo, mustGit, stockGit } from './stock-git.ts'

interface Answer {
  /** Whatever is not the pack, packet by packet. */
  readonly words: readonly string[]
  readonly pack: Buffer
}

/** Takes an answer apart; progress, which tells of times, is left out. */
const apart = (bytes: Buffer): Answer => {
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
const objectsIn = async (pack: Buffer, directory: string): Promise<string[]> => {
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

const sameObjects = async (heard: Buffer, direct: Buffer, directory: string): Promise<void> => {
  if (heard.equals(direct)) return
  expect(await objectsIn(heard, directory)).toEqual(await objectsIn(direct, directory))
}

/** All who ask at once, and those who ask again when it may be remembered, are answered as git answers. */
const answeredAlike = async (askers: readonly Worker[], project: Project, { body, protocol }: Asked): Promise<void> => {
  const ask = ({ http }: Worker) => http.uploadPack(project.path, body, protocol)
  const heard = [...(await Promise.all(askers.map(ask))), ...(await Promise.all(askers.slice(0, 2).map(ask)))]
  const direct = await answerTo(project.directory, body, protocol)
  const isAnswered = direct.code === 0 || direct.output.length > 0
  expect(heard.map(({ status }) => status)).toEqual(heard.map(() => (isAnswered ? 200 : 400)))
  if (!isAnswered) return
  const expected = apart(direct.output)
  if (expected.pack.length > 0) await objectsIn(expected.pack, project.directory)
  for (const one of heard) {
    const { words, pack } = apart(one.body)
    expect(words).toEqual(expected.words)
    await sameObjects(pack, expected.pack, project.directory)
  }
}

interface Step {
  readonly fetch: PlannedFetch
  /** A ref that somebody makes, changes or deletes behind this fetch; then it is asked again. */
  readonly change: readonly ['tag' | 'branch' | 'delete', number] | undefined
}

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  fetch: fetchArbitrary,
  change: fc.option(fc.tuple(fc.constantFrom('tag', 'branch', 'delete'), fc.nat(200)), { nil: undefined, freq: 2 }),
})

const changeRef = async ({ directory }: Project, history: History, [kind, number]: readonly [string, number]): Promise<void> => {
  const pick = (values: readonly string[]): string => values[number % values.length] ?? history.commits[0] ?? ''
  const words = {
    tag: ['refs/tags/new', pick(history.tags)],
    branch: ['refs/heads/new', pick(history.commits)],
    delete: ['-d', `refs/heads/b${number % history.commits.length}`],
  }[kind]
  await stockGit([`--git-dir=${directory}`, 'update-ref', ...(words ?? [])])
}

/** Whatever is asked for, of whatever history, the answer is git's: for many at once, and again from memory. */
export const fetchesAreGits = async (ground: ProvingGround, project: Project, runs: number): Promise<void> => {
  const askers = [...ground.workers, ...(await ground.connect())]
  const steps = fc.array(stepArbitrary, { minLength: 3, maxLength: 5 })
  const property = fc.asyncProperty(historyArbitrary, steps, async (planned, asked) => {
    const history = await writeHistory(project.directory, planned)
    for (const { fetch, change } of asked) {
      const request = requestFor(fetch, history)
      await answeredAlike(askers, project, request)
      if (change === undefined) continue
      await changeRef(project, history, change)
      await answeredAlike(askers, project, request)
    }
  })
  await fc.assert(property, { numRuns: runs, endOnFailure: true })
}

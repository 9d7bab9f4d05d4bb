import fc from 'fast-check'
import { expect } from 'vitest'
import { apart, objectsIn, sameObjects } from './answers.ts'
import { flush } from './packets.ts'
import type { Project, ProvingGround, Worker } from './proving-ground.ts'
import { type Asked, fetchArbitrary, type PlannedFetch, requestFor } from './random-fetches.ts'
import { type History, historyArbitrary, writeHistory } from './random-history.ts'
import { answerTo, conversation, stockGit } from './stock-git.ts'

/** Over SSH the same words are a part of a conversation. */
const toldAlike = async ({ ssh }: Worker, { path, directory }: Project, { body, protocol }: Asked): Promise<void> => {
  const input = Buffer.concat([body, flush])
  const [told, direct] = await Promise.all([ssh.uploadPack(path, input, protocol), conversation(directory, input, protocol)])
  const [heard, expected] = [apart(told.output), apart(direct.output)]
  expect([told.code, heard.words]).toEqual([direct.code, expected.words])
  await sameObjects(heard.pack, expected.pack, directory)
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
  const asker = askers.at(-1)
  if (asker === undefined) throw new Error('there is no worker')
  const steps = fc.array(stepArbitrary, { minLength: 3, maxLength: 5 })
  const property = fc.asyncProperty(historyArbitrary, steps, async (planned, asked) => {
    const history = await writeHistory(project.directory, planned)
    for (const { fetch, change } of asked) {
      const request = requestFor(fetch, history)
      await answeredAlike(askers, project, request)
      await toldAlike(asker, project, request)
      if (change === undefined) continue
      await changeRef(project, history, change)
      await answeredAlike(askers, project, request)
    }
  })
  await fc.assert(property, { numRuns: runs, endOnFailure: true })
}

import fc from 'fast-check'
import { expect } from 'vitest'
import type { Pool } from './object-pool.ts'
import { flush, lsRefs, packet } from './packets.ts'
import type { ProvingGround, Worker } from './proving-ground.ts'
import { type RefState, refStateArbitrary, writeRefs } from './random-refs.ts'
import { advertisement, answerTo, conversation } from './stock-git.ts'

/** How the words of one `ls-refs` are drawn. */
interface Question {
  readonly words: readonly string[]
  readonly capabilities: readonly string[]
}

interface Case {
  readonly state: RefState
  readonly protocol: string
  readonly questions: readonly Question[]
}

const prefixes = [
  'refs/',
  'refs/heads/',
  'refs/heads/a',
  'refs/tags/',
  'HEAD',
  'H',
  '',
  'nothing',
  'refs/tmp/',
  'refs/pipelines/',
  'refs/heads/é',
  'refs/heads/a/b',
]

const wordArbitrary = fc.oneof(
  fc.constantFrom('peel', 'symrefs', 'unborn'),
  fc.constantFrom(...prefixes).map((prefix) => `ref-prefix ${prefix}`),
)

const questionArbitrary: fc.Arbitrary<Question> = fc.record({
  words: fc.array(
    fc.tuple(wordArbitrary, fc.boolean()).map(([word, hasEnd]) => (hasEnd ? `${word}\n` : word)),
    { maxLength: 8 },
  ),
  capabilities: fc.subarray(['agent=git/2.39.5\n', 'object-format=sha1', 'server-option=x\n']),
})

const caseArbitrary: fc.Arbitrary<Case> = fc.record({
  state: refStateArbitrary,
  protocol: fc.constantFrom(
    'version=1',
    'version=2',
    'version=3',
    'version=1:version=2',
    'version=2:other=x',
    'other',
    'version=02',
  ),
  questions: fc.array(questionArbitrary, { minLength: 2, maxLength: 3 }),
})

const everyPart = ['a', 'a-b', 'a.b', 'A', 'B', 'b', '_', '0', 'é', '日本', '\u{1f600}', '\uffee']

/** Names whose order is that of their bytes and of nothing else, in every place where they can be. */
const awkward: Case = {
  state: {
    refs: everyPart.flatMap((part, at) => [
      { name: `refs/heads/${part}`, place: at % 2 === 0 ? 'loose' : 'packed', object: at, target: '' },
      { name: `refs/tags/x${part}/${part}`, place: at % 3 === 0 ? 'both' : 'packed', object: at, target: '' },
      { name: `refs/tmp/${part}`, place: at % 2 === 0 ? 'packed' : 'loose', object: at, target: '' },
    ]),
    head: { kind: 'branch', name: 'refs/heads/é' },
    header: 'full',
  },
  protocol: 'version=1',
  questions: [{ words: ['peel', 'symrefs'], capabilities: [] }],
}

/** Shown as text, so that a difference can be read. */
const text = (bytes: Buffer): string => bytes.toString('utf8')

const serviceLine = (service: string): Buffer => Buffer.concat([packet(`# service=git-${service}\n`), flush])

interface Place {
  readonly directory: string
  readonly path: string
}

const sameAdvertisement = async (
  { http }: Worker,
  { directory, path }: Place,
  service: string,
  protocol?: string,
): Promise<void> => {
  const [heard, direct] = await Promise.all([http.infoRefs(path, service, protocol), advertisement(service, directory, protocol)])
  expect([heard.status, direct.code]).toEqual([200, 0])
  expect(text(heard.body)).toBe(text(Buffer.concat([serviceLine(service), direct.output])))
}

const sameAnswer = async ({ http }: Worker, { directory, path }: Place, body: Buffer): Promise<void> => {
  const [heard, direct] = await Promise.all([http.uploadPack(path, body), answerTo(directory, body)])
  expect([heard.status, direct.code]).toEqual([200, 0])
  expect(text(heard.body)).toBe(text(direct.output))
}

const sameConversation = async ({ ssh }: Worker, { directory, path }: Place, input: Buffer, protocol?: string): Promise<void> => {
  const [told, direct] = await Promise.all([ssh.uploadPack(path, input, protocol), conversation(directory, input, protocol)])
  expect(text(told.output)).toBe(text(direct.output))
  expect(told.code).toBe(direct.code)
}

/** Each state of refs is shown byte for byte as git itself shows it, through both doors and in each protocol. */
export const advertisementsAreGits = async (ground: ProvingGround, place: Place, pool: Pool, runs: number): Promise<void> => {
  let turn = 0
  const property = fc.asyncProperty(caseArbitrary, async ({ state, protocol, questions }) => {
    writeRefs(place.directory, pool, state)
    turn += 1
    const worker = ground.workers[turn % ground.workers.length]
    if (worker === undefined) throw new Error('there is no worker')
    for (const version of [undefined, 'version=2', protocol]) await sameAdvertisement(worker, place, 'upload-pack', version)
    await sameAdvertisement(worker, place, 'receive-pack', turn % 2 === 0 ? protocol : undefined)
    const asked = questions.map(({ words, capabilities }) => lsRefs(words, capabilities))
    for (const body of asked) await sameAnswer(worker, place, body)
    await sameConversation(worker, place, Buffer.concat([...asked, flush]), 'version=2')
    await sameConversation(worker, place, flush, protocol)
  })
  await fc.assert(property, { numRuns: runs, endOnFailure: runs < 100, examples: [[awkward]] })
}

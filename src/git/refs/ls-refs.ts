import { type Command, wordsIn } from '../command-request.ts'
import { linePackets } from './line-packets.ts'
import type { RefSnapshot } from './snapshot.ts'
import type { PeelKnowledge, StoredRef } from './stored-ref.ts'

/** The command `ls-refs` of protocol 2 (git's `protocol-v2`). */
export interface RefQuestion {
  readonly peel: boolean
  readonly symrefs: boolean
  readonly unborn: boolean
  /** None asks for all refs. */
  readonly prefixes: readonly string[]
}

/** Each ref is held against each prefix. Clients send a handful; who sends more is answered by git, in a process of its own. */
const mostPrefixes = 100
const mostComparisons = 2_000_000

/** Whether the answer is quickly put together, so that nobody else has to wait for it. */
export const isSoonAnswered = (snapshot: Pick<RefSnapshot, 'refs'>, { prefixes }: Pick<RefQuestion, 'prefixes'>): boolean =>
  snapshot.refs.length * prefixes.length <= mostComparisons

const prefixWord = 'ref-prefix '

const words: ReadonlySet<string> = new Set(['peel', 'symrefs', 'unborn'])

/** The question that a request asks; undefined where it is one for git to refuse. */
export const readRefQuestion = (command: Command): RefQuestion | undefined => {
  if (command.name !== 'ls-refs') return undefined
  const lines = wordsIn(command)
  const prefixes = lines.filter((line) => line.startsWith(prefixWord)).map((line) => line.slice(prefixWord.length))
  const isPlain = lines.every((line) => words.has(line) || line.startsWith(prefixWord))
  if (!isPlain || prefixes.length > mostPrefixes) return undefined
  return {
    peel: lines.includes('peel'),
    symrefs: lines.includes('symrefs'),
    unborn: lines.includes('unborn'),
    prefixes,
  }
}

const isAsked = (name: string, { prefixes }: RefQuestion): boolean =>
  prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix))

const standsFor = (peel: PeelKnowledge, question: RefQuestion): string =>
  question.peel && peel.kind === 'to' ? ` peeled:${peel.id}` : ''

const headLine = ({ head, headPeel }: RefSnapshot, question: RefQuestion): string[] => {
  if (head === undefined || !isAsked('HEAD', question)) return []
  const isUnborn = head.id === undefined
  if (isUnborn && !(question.unborn && question.symrefs)) return []
  const target = question.symrefs && head.target !== undefined ? ` symref-target:${head.target}` : ''
  return [`${head.id ?? 'unborn'} HEAD${target}${standsFor(headPeel, question)}`]
}

const refLine = ({ id, name, target, peel }: StoredRef, question: RefQuestion): string => {
  const leadsTo = question.symrefs && target !== undefined ? ` symref-target:${target}` : ''
  return `${id} ${name}${leadsTo}${standsFor(peel, question)}`
}

/** The whole answer, to its flush-pkt. */
export const answerRefQuestion = (snapshot: RefSnapshot, question: RefQuestion): Buffer => {
  const refs = snapshot.refs.filter(({ name }) => isAsked(name, question)).map((ref) => refLine(ref, question))
  return linePackets([...headLine(snapshot, question), ...refs].map((line) => `${line}\n`))
}

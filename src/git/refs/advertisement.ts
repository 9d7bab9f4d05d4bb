import { linePackets } from './line-packets.ts'
import type { RefSnapshot } from './snapshot.ts'
import type { StoredRef } from './stored-ref.ts'

/** Which of git's two services tells its refs, by which version of the protocol. */
export type AdvertisedService = 'upload-pack' | 'receive-pack'

const noObject = '0'.repeat(40)

const peeledLine = ({ name, peel }: Pick<StoredRef, 'name' | 'peel'>): string[] =>
  peel.kind === 'to' ? [`${peel.id} ${name}^{}`] : []

/** A fetch is told of `HEAD` first, and of what tags stand for. */
const fetchLines = ({ head, headPeel, refs }: RefSnapshot): string[] => [
  ...(head?.id === undefined ? [] : [`${head.id} HEAD`, ...peeledLine({ name: 'HEAD', peel: headPeel })]),
  ...refs.flatMap((ref) => [`${ref.id} ${ref.name}`, ...peeledLine(ref)]),
]

const pushLines = ({ refs }: RefSnapshot, isHidden: (name: string) => boolean): string[] =>
  refs.filter(({ name }) => !isHidden(name)).map(({ id, name }) => `${id} ${name}`)

const symbolicHead = ({ head }: RefSnapshot): string =>
  head?.id === undefined || head.target === undefined ? '' : ` symref=HEAD:${head.target}`

/** Where git itself puts what `HEAD` names: behind the last capability that does not depend on settings. */
const withSymbolicHead = (capabilities: string, snapshot: RefSnapshot): string =>
  capabilities.replace(/(?= filter\b| object-format=| agent=)/, () => symbolicHead(snapshot))

export interface Advertising {
  readonly service: AdvertisedService
  readonly version: 0 | 1
  /** What this git can do, as it says itself, without what depends on the repository. */
  readonly capabilities: string
  /** Refs that are hidden from this service besides those that a snapshot leaves out. */
  readonly isHidden: (name: string) => boolean
}

/** The ref advertisement of protocol 0 or 1, to its flush-pkt (git's `pack-protocol`, "Reference Discovery"). */
export const advertisementOf = (snapshot: RefSnapshot, advertising: Advertising): Buffer => {
  const { service, version, capabilities, isHidden } = advertising
  const isFetch = service === 'upload-pack'
  const lines = isFetch ? fetchLines(snapshot) : pushLines(snapshot, isHidden)
  // A fetch from an empty repository is told nothing; a push to it has to know what it may say.
  const [first = isFetch ? undefined : `${noObject} capabilities^{}`, ...rest] = lines
  const said = isFetch ? withSymbolicHead(capabilities, snapshot) : capabilities
  return linePackets([
    ...(version === 1 ? ['version 1\n'] : []),
    ...(first === undefined ? [] : [`${first}\0${said}\n`]),
    ...rest.map((line) => `${line}\n`),
  ])
}

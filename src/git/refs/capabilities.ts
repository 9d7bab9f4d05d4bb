import { MalformedPacket, PacketParser } from '../pkt-line.ts'

/** What git says of itself: the capabilities of a service in protocol 0 and 1, or its whole advertisement of protocol 2. */
export type Subject = 'upload-pack' | 'receive-pack' | 'version-2'

/** The beginning of an advertisement that git made. */
export type AskGit = () => Promise<Buffer | undefined>

const firstLine = (advertisement: Buffer): string => {
  try {
    const [first] = new PacketParser().push(advertisement)
    return first?.kind === 'data' ? first.payload.toString('latin1') : ''
  } catch (error) {
    if (error instanceof MalformedPacket) return ''
    throw error
  }
}

/** What stands behind the first ref, without what depends on the repository. */
const capabilitiesIn = (advertisement: Buffer): Buffer | undefined => {
  const said = firstLine(advertisement).replace(/\n$/, '').split('\0')[1]
  return said === undefined ? undefined : Buffer.from(said.replace(/ symref=[^ ]*/g, ''), 'latin1')
}

const wholeOf = (advertisement: Buffer): Buffer | undefined =>
  firstLine(advertisement) === 'version 2\n' && advertisement.subarray(-4).toString() === '0000' ? advertisement : undefined

/**
 * What the installed git can do, learnt from what it advertises itself, once for each subject. A git of another version
 * is noticed at the next start.
 */
export class LearntCapabilities {
  readonly #known = new Map<Subject, Buffer>()

  /** Undefined where git's answer was not understood. */
  async of(subject: Subject, ask: AskGit): Promise<Buffer | undefined> {
    const known = this.#known.get(subject)
    if (known !== undefined) return known
    const advertisement = await ask()
    const learnt = advertisement && (subject === 'version-2' ? wholeOf : capabilitiesIn)(advertisement)
    if (learnt !== undefined) this.#known.set(subject, learnt)
    return learnt
  }
}

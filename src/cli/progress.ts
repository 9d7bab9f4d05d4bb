import { bytesInWords } from './maintain-words.ts'

/** Between two looks of a person, in milliseconds. */
const pause = 200

/** Forgets what stands on the line (ECMA-48, "erase in line"). */
const freshLine = '\r\u001b[K'

interface Told {
  readonly kind: string
}

/** So many bytes went through our hands so far. */
export interface BytesDone extends Told {
  readonly kind: 'bytes'
  readonly bytes: number
}

/**
 * Tells what happens: programs a line of JSON for each thing that was done, people on a terminal the same in words, with
 * a count that runs meanwhile; into a file or a pipe nothing goes but the end.
 */
export const teller = <Event extends Told>(
  isJson: boolean,
  inWords: (event: Exclude<Event, BytesDone>) => string,
): ((event: Event | BytesDone) => void) => {
  const isCount = (event: Event | BytesDone): event is BytesDone => event.kind === 'bytes'
  const isDone = (event: Event | BytesDone): event is Exclude<Event, BytesDone> => !isCount(event)
  if (isJson) return (event) => void (isDone(event) && process.stdout.write(`${JSON.stringify(event)}\n`))
  if (!process.stdout.isTTY) return () => {}
  let shown = 0
  return (event) => {
    if (isDone(event)) process.stdout.write(`${freshLine}${inWords(event)}\n`)
    else if (isCount(event) && performance.now() - shown > pause) {
      shown = performance.now()
      process.stdout.write(`${freshLine}${bytesInWords(event.bytes)}`)
    }
  }
}

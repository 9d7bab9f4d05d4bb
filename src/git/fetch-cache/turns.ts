/**
 * Pieces that are handed on in one turn of the loop, over all readers of this process: some milliseconds of work. A client
 * that takes as fast as it is given could else be given all of an answer in one go, and a thousand of them one after the
 * other, before anybody else was heard.
 */
export const mostInATurn = 32

let given = 0
let isTurning = false
const waiting: (() => void)[] = []

const begin = (): void => {
  isTurning = false
  const next = waiting.splice(0, mostInATurn)
  given = next.length
  if (given > 0) turnLater()
  for (const go of next) go()
}

const turnLater = (): void => {
  if (isTurning) return
  isTurning = true
  setImmediate(begin)
}

/** Leave to hand on one piece: undefined where it may be done now, else it is waited for, in the order of asking. */
export const turnToHandOn = (): Promise<void> | undefined => {
  turnLater()
  if (given < mostInATurn && waiting.length === 0) {
    given += 1
    return undefined
  }
  return new Promise((resolve) => waiting.push(resolve))
}

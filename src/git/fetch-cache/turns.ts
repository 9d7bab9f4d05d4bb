import { Turns } from '../turns.ts'

/**
 * Pieces that are handed on in one turn of the loop, over all readers of this process: some milliseconds of work. A client
 * that takes as fast as it is given could else be given all of an answer in one go, and a thousand of them one after the
 * other, before anybody else was heard.
 */
export const mostInATurn = 4

const turns = new Turns(mostInATurn)

export const turnToHandOn = (): Promise<void> | undefined => turns.next()

import { GitbeakerRequestError, Gitlab } from '@gitbeaker/rest'
import { rootToken } from '../../support/sallyport.ts'
import { type ClientScene, openClientScene } from '../client-scene.ts'

/** gitbeaker as it comes from npm, against the program as it is shipped. */
export interface Stage extends ClientScene {
  readonly root: InstanceType<typeof Gitlab<false>>
  as(token: string): InstanceType<typeof Gitlab<false>>
}

export const openStage = async (): Promise<Stage> => {
  const scene = await openClientScene()
  const as = (token: string) => new Gitlab({ host: scene.server.http, token })
  return { ...scene, root: as(rootToken), as }
}

/** What the client says went wrong: the status, and the words that it found in the body. */
export const refusal = async (asked: Promise<unknown>): Promise<{ status: number; words: string }> => {
  try {
    await asked
  } catch (fault) {
    if (!(fault instanceof GitbeakerRequestError) || fault.cause === undefined) throw fault
    return { status: fault.cause.response.status, words: fault.cause.description }
  }
  throw new Error('it was not refused')
}

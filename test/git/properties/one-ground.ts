import { ProvingGround } from './proving-ground.ts'

let opening: Promise<ProvingGround> | undefined

/** A server of two workers for all suites of one test file, which is most of what each of them would cost. */
export const theGround = (): Promise<ProvingGround> => {
  opening ??= ProvingGround.open(2)
  return opening
}

export const closeGround = async (): Promise<void> => {
  const ground = await opening
  opening = undefined
  await ground?.[Symbol.asyncDispose]()
}

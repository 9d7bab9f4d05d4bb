import { Refused, WrongUsage } from './refused.ts'

/** Prints what the work answers. A fault that a person can mend is one line, and sets the exit code. */
export const print = async (work: Promise<string>): Promise<void> => {
  try {
    const output = await work
    process.stdout.on('error', () => process.exit(1))
    process.stdout.write(output)
  } catch (fault) {
    if (!(fault instanceof Refused || fault instanceof WrongUsage)) throw fault
    console.error(`sallyport: ${fault.message}`)
    process.exitCode = fault instanceof Refused ? 1 : 2
  }
}

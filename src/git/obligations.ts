import { constants, existsSync } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Obligation, Owed } from '../access/decide.ts'
import type { Refusal } from '../core/refusal.ts'
import { printable } from './printable.ts'

/** The folder of the static hooks, for `core.hooksPath`. Git skips a hook that it cannot run, so that is checked before. */
const hooksDirectory = fileURLToPath(new URL('hooks', import.meta.url))

/** What a push with obligations brings along to git. */
export interface HookSetup {
  readonly directory: string
  /** Names the list of obligations; a file, since an environment variable could not hold thousands of refs. */
  readonly obligationsFile: string
}

/** One line each; the hook undoes the two escapes. */
export const encodeText = (text: string): string => printable(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

const line = (obligation: Obligation): string => {
  const text = encodeText(obligation.text)
  if (obligation.kind !== 'fast-forward') return `${obligation.kind} ${text}\n`
  return `fast-forward ${obligation.update.oldId} ${obligation.update.newId} ${text}\n`
}

/** The list as the hook reads it. Its last line proves that it is whole. */
export const encodeObligations = (obligations: readonly Obligation[]): string => `${obligations.map(line).join('')}end\n`

/** Runs `work` with the hook set up for these obligations, or without any hook where there are none. */
export const withObligations = async <Result>(
  obligations: readonly Obligation[],
  work: (hook: HookSetup | undefined) => Promise<Result>,
): Promise<Result> => {
  if (obligations.length === 0) return work(undefined)
  await access(join(hooksDirectory, 'pre-receive'), constants.X_OK)
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-push-'))
  try {
    const obligationsFile = join(folder, 'obligations')
    await writeFile(obligationsFile, encodeObligations(obligations), { mode: 0o600, flag: 'wx' })
    return await work({ directory: hooksDirectory, obligationsFile })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The refusal of the obligation that the hook found unmet; its number stands in a file beside the list. */
export const unmetOf = async (owed: readonly Owed[], hook: HookSetup | undefined): Promise<Refusal | undefined> => {
  if (hook === undefined) return undefined
  const file = `${hook.obligationsFile}.unmet`
  return existsSync(file) ? owed[Number(await readFile(file, 'utf8'))]?.refusal : undefined
}

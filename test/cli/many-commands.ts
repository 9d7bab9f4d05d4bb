import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { makeBackup } from '../../src/cli/backup.ts'
import { Refused } from '../../src/cli/refused.ts'
import { restoreBackup } from '../../src/cli/restore.ts'
import { readSettings } from '../../src/config.ts'

export interface BackupCommand {
  readonly command: 'backup' | 'restore'
  readonly file: string
  readonly home: string
  /** A file that lies elsewhere. */
  readonly database?: string
}

const commands = { backup: makeBackup, restore: restoreBackup }

const answer = async ({ command, file, home, database }: BackupCommand): Promise<string> => {
  try {
    return await commands[command](readSettings({ home, database: database && `sqlite:${database}` }, {}), file)
  } catch (fault) {
    if (fault instanceof Refused) return `refused: ${fault.message}`
    throw fault
  }
}

const own = fileURLToPath(import.meta.url)

/** What these commands answer, or refuse, one after the other in one process of their own: to load the program takes longest. */
export const manyCommands = async (given: readonly BackupCommand[]): Promise<string[]> => {
  const child = spawn(process.execPath, [own], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(given))
  return JSON.parse(await text(child.stdout))
}

if (process.argv[1] === own) {
  const answers: string[] = []
  for (const one of JSON.parse(await text(process.stdin))) answers.push(await answer(one))
  process.stdout.write(JSON.stringify(answers))
}

import { readFileSync } from 'node:fs'
import { memoryOf } from '../memory.ts'

const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const isGit = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').startsWith('git')
  } catch {
    return false
  }
}

/** Processes of git that a server's workers have started, without those that git starts itself. */
const gitsOf = (server: number): number => [server, ...childrenOf(server)].flatMap(childrenOf).filter(isGit).length

export interface Peaks {
  memory: number
  gits: number
}

/** Looks at a server four times a second until it is told to stop. */
export const watch = (server: number): { stop(): Promise<Peaks> } => {
  const peaks: Peaks = { memory: 0, gits: 0 }
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      peaks.gits = Math.max(peaks.gits, gitsOf(server))
      peaks.memory = Math.max(peaks.memory, await memoryOf(server))
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  })()
  return {
    async stop() {
      isOver = true
      await looking
      return peaks
    },
  }
}

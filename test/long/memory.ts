import { readdir, readFile } from 'node:fs/promises'

const fieldOf = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)

const parentOf = async (pid: string): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

const isNode = async (pid: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('sallyport.js')

/** A process of ours and its workers; git's are not counted. */
const familyOf = async (root: number): Promise<string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const related = await Promise.all(pids.map(async (pid) => Number(pid) === root || (await parentOf(pid)) === root))
  const family = pids.filter((_, index) => related[index])
  const ours = await Promise.all(family.map(isNode))
  return family.filter((_, index) => ours[index])
}

/** Memory of the server's own processes in bytes, shared pages divided among those who share them (PSS). */
export const memoryOf = async (pid: number): Promise<number> => {
  const texts = await Promise.all(
    (await familyOf(pid)).map((one) => readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => '')),
  )
  return texts.reduce((sum, text) => sum + fieldOf(text, 'Pss') * 1024, 0)
}

/** The largest memory seen while `work` runs. */
export const peakWhile = async (pid: number, work: () => Promise<unknown>): Promise<number> => {
  let peak = 0
  let running = true
  const done = work().finally(() => {
    running = false
  })
  while (running) {
    peak = Math.max(peak, await memoryOf(pid))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await done
  return peak
}

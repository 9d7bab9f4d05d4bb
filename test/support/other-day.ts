import { spawnSync } from 'node:child_process'

/**
 * The environment in which a program believes it is another time: Debian's `faketime` names the library that answers for
 * the system's clock. The time goes on from there, by an offset, so that all processes of a server agree. The monotonic
 * clock stays as it is, since Node's timers go by it.
 */
export const otherDay = (moment: number): Record<string, string> => {
  const { stdout, status } = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' })
  if (status !== 0) throw new Error('faketime does not work')
  const seconds = Math.round((moment - Date.now()) / 1000)
  return {
    LD_PRELOAD: stdout.trim(),
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
}

import { type Browser, chromium } from 'playwright-core'
import { findProgram } from '../../scripts/needs.ts'

/**
 * Debian's Chromium without a window. Without its own sandbox too: that works neither for root, as whom tests run in
 * containers, nor where users may have no namespaces; and all that it is shown is ours.
 */
export const startBrowser = (): Promise<Browser> => {
  const executablePath = findProgram('chromium')
  if (executablePath === undefined) throw new Error('there is no chromium')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

import { type Browser, chromium } from 'playwright-core'
import { findProgram } from '../../scripts/needs.ts'

/** Debian's Chromium without a window. Its own sandbox does not work for root, as whom tests run in containers. */
export const startBrowser = (): Promise<Browser> => {
  const executablePath = findProgram('chromium')
  if (executablePath === undefined) throw new Error('there is no chromium')
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}

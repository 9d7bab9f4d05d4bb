#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to run TypeScript can still say so.
import * as module from 'node:module'
import process from 'node:process'

const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(
    `sallyport needs Node 24 or newer and this is ${process.version}; on Linux, npm ci brings one: use npm start or npx sallyport`,
  )
  process.exit(1)
}
module.enableCompileCache?.()
await import('../src/main.ts')

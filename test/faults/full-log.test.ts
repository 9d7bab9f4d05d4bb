import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const writing = `
  const { makeLogger } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/log.ts'))})
  const log = makeLogger('info')
  for (let at = 0; at < 20_000; at += 1) log.info({ at }, 'a line that finds no room')
  setTimeout(() => console.log('alive', process.memoryUsage().heapUsed < 64 * 2 ** 20), 10)
`

test('a log on a full disk ends no process and fills no memory', async () => {
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, ['--input-type=module', '-e', writing], { stdio: ['ignore', 'pipe', full] })
  const said: Buffer[] = []
  child.stdout?.on('data', (bytes: Buffer) => said.push(bytes))
  const [code] = await once(child, 'close')
  closeSync(full)
  expect([code, Buffer.concat(said).toString()]).toEqual([0, 'alive true\n'])
})

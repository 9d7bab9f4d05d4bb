import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { newHome, rootToken, startSallyport } from '../support/sallyport.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 200)

/** The server is killed at a random moment of a push. Whatever git was told is pushed must be there afterwards, whole. */
test(`${rounds} pushes whose server is killed lose nothing that was acknowledged`, async () => {
  const home = await newHome()
  const first = await startSallyport({ home })
  await new Api(first.http).make('POST', '/projects', { name: 'kept' })
  await first.stop()
  let acknowledged = 0
  for (let round = 0; round < rounds; round += 1) {
    const server = await startSallyport({ home })
    const client = await Client.make(server)
    const directory = await client.repository('work')
    const pushing = client.git(['push', '-q', client.url('root/kept', 'root', rootToken), `HEAD:refs/heads/round-${round}`], {
      cwd: directory,
    })
    const killing = new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 1000)).then(() =>
      server.process.kill('SIGKILL'),
    )
    const [{ code }] = await Promise.all([pushing, killing, once(server.process, 'exit')])
    const tip = (await client.git(['rev-parse', 'HEAD'], { cwd: directory })).stdout.trim()
    await client[Symbol.asyncDispose]()
    if (code !== 0) continue
    acknowledged += 1
    const again = await startSallyport({ home })
    const reader = await Client.make(again)
    const { stdout } = await reader.git(['ls-remote', reader.url('root/kept', 'root', rootToken), `refs/heads/round-${round}`])
    expect(stdout).toBe(`${tip}\trefs/heads/round-${round}\n`)
    await reader[Symbol.asyncDispose]()
    await again.stop()
  }
  expect(acknowledged).toBeGreaterThan(0)
  const last = await startSallyport({ home })
  const reader = await Client.make(last)
  expect((await reader.git(['clone', '-q', reader.url('root/kept', 'root', rootToken), 'all'])).code).toBe(0)
  expect((await reader.git(['fsck', '--full'], { cwd: `${reader.directory}/all` })).code).toBe(0)
  await reader[Symbol.asyncDispose]()
  await last.stop()
  await rm(home, { recursive: true, force: true })
})

/**
 * The disk fails: what is written seems to be taken, and is lost when it is to be kept (`fsync` says EIO). Nothing is
 * acknowledged from then on, reads go on, and when the disk is well again all that was acknowledged is there.
 */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mayMakeFileSystem, SmallDisk } from '../faults/small-disk.ts'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

const rounds = Number(process.env['DISK_ROUNDS'] ?? 8)

interface Acknowledged {
  readonly refs: Map<string, string>
  readonly tokens: string[]
}

/** Pushes one file after the other until one is not taken; resolves with what was said of that. */
const pushUntilRefused = async (client: Client, { refs }: Acknowledged): Promise<string> => {
  const url = client.url('root/kept', 'root', rootToken)
  const directory = await client.repository('work')
  for (let at = 0; ; at += 1) {
    await writeFile(join(directory, `file-${at}`), randomBytes(100_000))
    await client.git(['add', '.'], { cwd: directory })
    const commit = await client.commit(directory, `file ${at}`)
    const ref = `refs/heads/branch-${at}`
    const { code, stderr } = await client.git(['push', '-q', url, `HEAD:${ref}`], { cwd: directory })
    if (code !== 0) return stderr
    refs.set(ref, commit)
  }
}

const makeTokensUntilRefused = async (api: Api, { tokens }: Acknowledged): Promise<number> => {
  for (;;) {
    const { status, body } = await api.call('POST', '/users/1/personal_access_tokens', { name: 'x', scopes: ['api'] })
    if (status !== 201) return status
    tokens.push(body.token)
  }
}

const lookAt = async (server: Sallyport, { refs, tokens }: Acknowledged): Promise<void> => {
  await using client = await Client.make(server)
  const { stdout } = await client.git(['ls-remote', client.url('root/kept', 'root', rootToken)])
  const seen = new Map([...stdout.matchAll(/^(\S+)\t(\S+)$/gm)].map(([, id, ref]) => [ref, id]))
  for (const [ref, id] of refs) expect([ref, seen.get(ref)]).toEqual([ref, id])
  for (const token of tokens) expect((await new Api(server.http, token).call('GET', '/user')).status).toBe(200)
}

/** Stops in the end, and leaves the home alone: nothing can be removed from it. */
const start = async (home: string): Promise<Sallyport> => {
  const server = await startSallyport({ home })
  return { ...server, [Symbol.asyncDispose]: async () => void (await server.stop()) }
}

test.skipIf(!mayMakeFileSystem)(`a disk that fails ${rounds} times loses nothing that was acknowledged`, async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using disk = await SmallDisk.makeFileSystem(200, 32)
    const home = join(disk.directory, 'home')
    const done: Acknowledged = { refs: new Map(), tokens: [] }
    await using server = await start(home)
    await using client = await Client.make(server)
    const api = new Api(server.http)
    await api.make('POST', '/projects', { name: 'kept' })
    const working = Promise.all([pushUntilRefused(client, done), makeTokensUntilRefused(api, done)])
    await expect.poll(() => Math.min(done.refs.size, done.tokens.length), { timeout: 60_000, interval: 10 }).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000))
    disk.fillBehind()
    const [said, status] = await working
    expect(said).toMatch(
      /Input\/output error|Read-only file system|unable to (?:write|create)|disk of the server|remote rejected|unpack/,
    )
    expect(status).toBe(503)
    await lookAt(server, done)
    await server.stop()
    disk.freeBehind()
    await disk.mountAgain()
    await using again = await start(home)
    await lookAt(again, done)
    const fsck = ['fsck', '--full', '--strict', '--no-dangling', '--no-progress']
    expect(await client.git(fsck, { cwd: join(home, 'repos/01/1.git') })).toMatchObject({ code: 0, stderr: '' })
    expect((await new Api(again.http).call('POST', '/projects', { name: 'next' })).status).toBe(201)
    await again.stop()
  }
})

/**
 * The shield over real content: the history of this project, and all the text that lies in its packages. None of it is
 * refused, though much looks like a token; and a live token among it is. How long that takes is told.
 */
import { randomBytes } from 'node:crypto'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { Client, type Ran, run } from '../support/client.ts'
import { type Sallyport, startSallyport } from '../support/sallyport.ts'

/** Another than the suite's own, and than any that stands in this history. */
const ownToken = `glpat-${randomBytes(15).toString('base64url')}`
const checkout = join(import.meta.dirname, '../..')

let server: Sallyport
let client: Client
let api: Api

beforeAll(async () => {
  server = await startSallyport({ env: { SALLYPORT_ROOT_TOKEN: ownToken } })
  client = await Client.make(server)
  api = new Api(server.http, ownToken)
})

afterAll(async () => {
  await client?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

const project = async (path: string, enabled: boolean): Promise<string> => {
  const { id } = await api.make('POST', '/projects', { path })
  await api.make('PUT', `/projects/${id}/sallyport/push_shield`, { enabled })
  return client.url(`root/${path}`, 'root', ownToken)
}

const trust = { HOME: '/nonexistent', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' }

const timed = async (work: Promise<Ran>): Promise<Ran & { readonly seconds: number }> => {
  const begun = performance.now()
  return { ...(await work), seconds: (performance.now() - begun) / 1000 }
}

test('the history of this project is let through', async () => {
  const url = await project('history', true)
  const pushed = await timed(run('git', ['push', '-q', url, 'HEAD:refs/heads/main'], { cwd: checkout, env: trust }))
  expect(pushed).toMatchObject({ code: 0 })
})

test('hundreds of MB of real files are let through; a token among them is not', async () => {
  const directory = await client.repository('packages')
  await cp(join(checkout, 'node_modules'), join(directory, 'files'), {
    recursive: true,
    dereference: true,
    filter: (source) => !/\.(?:node|so|wasm|gz|tgz|png)$|node-linux|\/\.bin/.test(source),
  })
  await client.git(['-c', 'core.looseCompression=0', 'add', '-f', '.'], { cwd: directory })
  await client.commit(directory, 'packages')
  const sizes = await run('sh', ['-c', "git cat-file --batch-all-objects --batch-check='%(objectsize)' | paste -sd+ | bc"], {
    cwd: directory,
  })
  const size = Number(sizes.stdout)
  const [off, on] = [await project('off', false), await project('on', true)]
  const without = await timed(client.git(['push', '-q', off, 'main'], { cwd: directory }))
  const shielded = await timed(client.git(['push', '-q', on, 'main'], { cwd: directory }))
  expect([without.code, shielded.code, shielded.stderr]).toEqual([0, 0, ''])
  const speed = size / Math.max(0.001, shielded.seconds - without.seconds)
  console.log(
    `${(size / 1e6).toFixed(0)} MB: ${without.seconds.toFixed(2)} s without, ${shielded.seconds.toFixed(2)} s with the shield: ${(speed / 1e6).toFixed(0)} MB/s`,
  )
  await writeFile(join(directory, 'files', 'found.txt'), `\n${ownToken}\n`)
  await client.git(['add', '-f', '.'], { cwd: directory })
  await client.commit(directory, 'found')
  const refused = await client.git(['push', '-q', on, 'main'], { cwd: directory })
  expect(refused.stderr).toContain('files/found.txt:2 (personal access token)')
})

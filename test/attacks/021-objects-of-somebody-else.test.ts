/**
 * The attack: an object is asked for by its id, though only another project has it; or a push names such an object, or a
 * difference against it, so that the server itself fetches it out of the other project's store (`alternates`).
 * What was believed: whoever knows an id has seen the object.
 * What holds: each project has its objects for itself. Neither what a cache keeps of a fetch, nor the same content in both
 * projects, nor a pack that leans on what it does not bring opens a way; and files of a repository are not served as files.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectFacts } from '../../src/core/project.ts'
import { fetchCommand, packet } from '../git/properties/packets.ts'
import { GitStage } from '../support/git-stage.ts'
import { deltaOn, packOfTree } from './hostile-trees.ts'
import { packOf, postPush, pushBody, zeroId } from './raw-push.ts'

let stage: GitStage
let authorization: string
let token: string
let copy: string
let secret: { readonly commit: string; readonly blob: string }
let shared: string
let victim: ProjectFacts

const basic = (text: string): string => `Basic ${Buffer.from(`git:${text}`).toString('base64')}`

beforeAll(async () => {
  stage = await GitStage.open()
  const [ada, mallory] = [stage.user('ada'), stage.user('mallory')]
  const owner = stage.token(ada)
  token = stage.token(mallory)
  authorization = basic(token)
  victim = await stage.project('castle/victim', { roles: new Map([[ada.id, 40]]) })
  await stage.project('castle/own', { roles: new Map([[mallory.id, 40]]) })
  copy = await stage.workingCopy('copy')
  shared = await stage.mustGit(['rev-parse', 'HEAD'], copy)
  await stage.mustGit(['push', '-q', stage.remote('castle/own', token), 'main'], copy)
  const theirs = await stage.workingCopy('theirs', 400)
  await stage.mustGit(
    ['pull', '-q', '--no-rebase', '--no-edit', '--allow-unrelated-histories', '-X', 'ours', copy, 'main'],
    theirs,
  )
  const [commit, blob] = [
    await stage.mustGit(['rev-parse', 'HEAD'], theirs),
    await stage.mustGit(['rev-parse', 'HEAD:data'], theirs),
  ]
  secret = { commit, blob }
  await stage.mustGit(['push', '-q', stage.remote('castle/victim', owner), 'main'], theirs)
  // So that a cache would have it.
  await stage.mustGit(['clone', '-q', '--bare', stage.remote('castle/victim', owner), 'warm'])
})
afterAll(() => stage.close())

const fetchFrom = async (project: string, body: Buffer, protocol?: string) => {
  const answer = await fetch(`${stage.url}/${project}.git/git-upload-pack`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: {
      Authorization: authorization,
      'Content-Type': 'application/x-git-upload-pack-request',
      ...(protocol !== undefined && { 'Git-Protocol': protocol }),
    },
  })
  return { status: answer.status, text: Buffer.from(await answer.arrayBuffer()).toString('latin1') }
}

const wishes: readonly [string, (id: string) => [Buffer, string?]][] = [
  ['of protocol 0', (id) => [Buffer.concat([packet(`want ${id} side-band-64k\n`), Buffer.from('0000'), packet('done\n')])]],
  ['of protocol 2', (id) => [fetchCommand([`want ${id}\n`, 'done\n']), 'version=2']],
  ['that is shallow', (id) => [fetchCommand([`want ${id}\n`, 'deepen 1\n', 'done\n']), 'version=2']],
  ['of part of it', (id) => [fetchCommand([`want ${id}\n`, 'filter tree:0\n', 'done\n']), 'version=2']],
  ['that says what is had', (id) => [fetchCommand([`want ${id}\n`, `have ${shared}\n`, 'thin-pack\n', 'done\n']), 'version=2']],
  [
    'that says it is had already',
    (id) => [fetchCommand([`want ${shared}\n`, `have ${id}\n`, `want ${id}\n`, 'done\n']), 'version=2'],
  ],
  ['by a name that stands for it', (id) => [fetchCommand([`want-ref ${id}\n`, 'done\n']), 'version=2']],
]

describe.each(['commit', 'blob'] as const)('a %s of another project', (kind) => {
  test.each(wishes)('is not given for a wish %s', async (_form, wish) => {
    const answer = await fetchFrom('castle/own', ...wish(secret[kind]))
    expect(answer.text).not.toContain('PACK')
    expect([200, 400]).toContain(answer.status)
  })

  test('is refused in the project that has it as if there were no such project', async () => {
    const [there, absent] = await Promise.all(
      ['castle/victim', 'castle/absent'].map((path) =>
        fetchFrom(path, fetchCommand([`want ${secret[kind]}\n`, 'done\n']), 'version=2'),
      ),
    )
    expect(there).toEqual(absent)
    expect(there?.status).toBe(404)
  })
})

test.each(wishes.slice(0, 4))('what both have is given for a wish %s', async (_form, wish) => {
  const answer = await fetchFrom('castle/own', ...wish(shared))
  expect([answer.status, answer.text.includes('PACK')]).toEqual([200, true])
})

test.each(['sparse:path=data', `sparse:oid=${'1'.repeat(40)}`, 'combine:tree:0+sparse:path=x', 'unknown:1', 'tree:-1'])(
  'the filter %s opens no file',
  async (filter) => {
    const answer = await fetchFrom('castle/own', fetchCommand([`want ${shared}\n`, `filter ${filter}\n`, 'done\n']), 'version=2')
    expect(answer.text).not.toContain('PACK')
  },
)

describe('a push', () => {
  const push = async (command: string, pack: Buffer): Promise<string> =>
    (await postPush(`${stage.url}/castle/own.git`, pushBody([command], pack), authorization)).text()

  test('of a ref to a commit of another project is refused', async () => {
    const said = await push(`${zeroId} ${secret.commit} refs/heads/taken`, await packOf(copy, shared))
    expect(said).toContain('ng refs/heads/taken missing necessary objects')
  })

  test('of a difference against an object of another project is refused', async () => {
    const said = await push(`${zeroId} ${secret.blob} refs/tags/taken`, deltaOn(secret.blob))
    expect(said).toMatch(/unresolved delta|unpack (index-pack|unpack-objects) abnormal exit/)
    expect(said).toContain('ng refs/tags/taken unpacker error')
  })

  test('of a tree that holds one is refused', async () => {
    const { tip, pack } = packOfTree([{ mode: '100644', name: 'taken', content: { id: secret.blob } }])
    const said = await push(`${zeroId} ${tip} refs/heads/tree`, pack)
    expect(said).toContain('ng refs/heads/tree unpacker error')
  })
})

test.each([
  'objects/info/alternates',
  'objects/info/http-alternates',
  'objects/11/11111111111111111111111111111111111111',
  'objects/pack/pack-1.pack',
  'config',
  'hooks/pre-receive',
  'HEAD',
  '../config',
])('no file of a repository is served, nor taken: %s', async (file) => {
  for (const method of ['GET', 'PUT', 'PROPFIND', 'MKCOL', 'LOCK', 'DELETE']) {
    const answer = await fetch(`${stage.url}/castle/own.git/${file}`, { method, headers: { Authorization: authorization } })
    expect([400, 403, 404, 405]).toContain(answer.status)
  }
  const alternates = join(stage.repositories.directoryOf(victim.id), 'objects/info/alternates')
  expect(() => readFileSync(alternates)).toThrow('ENOENT')
})

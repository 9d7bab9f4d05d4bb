/**
 * The attack: refs that are the server's own are written or read by their names, a ref's name leads to another file of the
 * repository (`refs/heads/../../config`, `HEAD`), or it steers the terminal of whoever is shown it (CVE-2024-52005 is of
 * this kind: messages of a server with control characters).
 * What was believed: git checks names of refs.
 * What holds: it does, and so do we before it; hidden refs are neither shown nor taken, by whatever spelling; a name with
 * a control character gets no further than the door, and our own messages have none.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectFacts } from '../../src/core/project.ts'
import { fetchCommand, lsRefs, packet } from '../git/properties/packets.ts'
import { GitStage } from '../support/git-stage.ts'
import { packOf, postPush, pushBody, zeroId } from './raw-push.ts'

let stage: GitStage
let facts: ProjectFacts
let authorization: string
let copy: string
let tip: string
let pack: Buffer

beforeAll(async () => {
  stage = await GitStage.open()
  const mallory = stage.user('mallory')
  const token = stage.token(mallory)
  authorization = `Basic ${Buffer.from(`git:${token}`).toString('base64')}`
  facts = await stage.project('castle/gate', { roles: new Map([[mallory.id, 40]]) })
  copy = await stage.workingCopy('copy')
  await stage.mustGit(['push', '-q', stage.remote('castle/gate', token), 'main'], copy)
  tip = await stage.mustGit(['rev-parse', 'HEAD'], copy)
  pack = await packOf(copy, tip)
  for (const ref of ['refs/keep-around/x', 'refs/environments/x', 'refs/pipelines/1']) await own('update-ref', ref, tip)
})
afterAll(() => stage.close())

const own = (...words: string[]): Promise<string> =>
  stage.mustGit([`--git-dir=${stage.repositories.directoryOf(facts.id)}`, ...words])
const everyRef = (): Promise<string> => own('for-each-ref', '--format=%(refname) %(objectname)')

const push = async (...commands: string[]) => {
  const answer = await postPush(`${stage.url}/castle/gate.git`, pushBody(commands, pack), authorization)
  return { status: answer.status, text: await answer.text() }
}

describe('a push to a name that is none of a client', () => {
  test.each([
    'refs/keep-around/x',
    'refs/keep-around/new',
    'refs/tmp/1/head',
    'refs/environments/x',
    'refs/pipelines/1',
    'refs/pipelines/2',
    'refs/heads/../keep-around/new',
    'refs/heads/../../x',
    'refs/heads/../../config',
    'refs/heads//keep',
    'refs/heads/x.lock',
    'refs/heads/.x',
    'refs/heads/x..y',
    'refs/heads/x@{1}',
    'refs/heads/x~1',
    'refs/heads/a b',
    'refs/heads/-x\\y',
    'refs/heads/*',
    '/etc/passwd',
    'HEAD',
    'FETCH_HEAD',
    'config',
    'objects/info/alternates',
    'hooks/pre-receive',
    'refs',
    '@',
    '--all',
  ])('%j changes nothing', async (name) => {
    const before = await everyRef()
    for (const command of [`${zeroId} ${tip} ${name}`, `${tip} ${zeroId} ${name}`]) {
      const { status, text } = await push(command)
      expect([200, 400, 403]).toContain(status)
      expect(text).not.toContain(`ok ${name}`)
    }
    expect(await everyRef()).toBe(before)
    expect(await own('symbolic-ref', 'HEAD')).toBe('refs/heads/main')
    for (const file of ['x', 'FETCH_HEAD', 'ORIG_HEAD', 'objects/info/alternates', 'hooks/pre-receive', 'main'])
      expect(existsSync(join(stage.repositories.directoryOf(facts.id), file))).toBe(false)
  })

  test.each(['\r', '\n', '\t', '\x1b[2J', '\x07', '\x7f', '\u0085', '\u009b2J'])(
    'with %j gets no further than the door',
    async (odd) => {
      const spawns = stage.spawns.length
      const { status, text } = await push(`${zeroId} ${tip} refs/heads/a${odd}b`)
      expect(status).toBe(400)
      expect(text).not.toContain(odd.replace('\n', '\n\n'))
      expect(stage.spawns).toHaveLength(spawns)
    },
  )

  test('beside an honest one does not stop at half', async () => {
    const before = await everyRef()
    const { text } = await push(`${zeroId} ${tip} refs/heads/honest`, `${zeroId} ${tip} refs/keep-around/y`)
    expect(text).toContain('ng refs/keep-around/y')
    expect((await everyRef()).replace(`refs/heads/honest ${tip}\n`, '')).toBe(before)
  })
})

describe('a hidden ref', () => {
  const ask = async (body: Buffer, protocol: string) => {
    const headers = {
      Authorization: authorization,
      'Content-Type': 'application/x-git-upload-pack-request',
      'Git-Protocol': protocol,
    }
    const answer = await fetch(`${stage.url}/castle/gate.git/git-upload-pack`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    })
    return Buffer.from(await answer.arrayBuffer()).toString('latin1')
  }

  test.each(['refs/keep-around/', 'refs/keep-around/x', 'refs/environments', 'refs/', '', '../', 'refs/heads/../keep-around'])(
    'is not shown for the prefix %j',
    async (prefix) => {
      expect(await ask(lsRefs([`ref-prefix ${prefix}\n`, 'symrefs\n', 'peel\n']), 'version=2')).not.toMatch(
        /keep-around|environments/,
      )
    },
  )

  test.each(['refs/keep-around/x', 'refs/environments/x', 'HEAD', 'refs/heads/../keep-around/x'])(
    'is not given by the name %s',
    async (name) => {
      expect(await ask(fetchCommand([`want-ref ${name}\n`, 'done\n']), 'version=2')).not.toContain('PACK')
      const old = Buffer.concat([packet(`want ${name} side-band-64k\n`), Buffer.from('0000'), packet('done\n')])
      expect(await ask(old, 'version=0')).not.toContain('PACK')
    },
  )

  test.each([
    'deepen-not refs/keep-around/x\n',
    'deepen-not ../config\n',
    'deepen-not --all\n',
    'deepen-since --all\n',
    'shallow x\n',
  ])('is not told of by %j', async (word) => {
    expect(await ask(fetchCommand([`want ${tip}\n`, word, 'done\n']), 'version=2')).not.toContain('PACK')
  })
})

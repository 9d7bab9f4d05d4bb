/**
 * The attack: a tree that is harmless on the server and writes into `.git` where it is checked out: `.git` in other
 * spellings (CVE-2014-9390), a submodule whose name leads out (CVE-2018-11235), whose address or path is an option
 * (CVE-2018-17456), a link in the place of `.gitmodules` (CVE-2018-11235, CVE-2024-32002).
 * What was believed: what a client checks out is the client's own business.
 * What holds: git looks at everything that is pushed (`receive.fsckObjects`), and such a tree never gets a ref, nor do its
 * objects stay; what merely looks like one of them is taken.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectFacts } from '../../src/core/project.ts'
import { GitStage } from '../support/git-stage.ts'
import { type Entry, packOfTree } from './hostile-trees.ts'
import { postPush, pushBody, zeroId } from './raw-push.ts'

let stage: GitStage
let facts: ProjectFacts
let authorization: string

beforeAll(async () => {
  stage = await GitStage.open()
  const mallory = stage.user('mallory')
  const token = stage.token(mallory)
  authorization = `Basic ${Buffer.from(`git:${token}`).toString('base64')}`
  facts = await stage.project('castle/gate', { roles: new Map([[mallory.id, 40]]) })
})
afterAll(() => stage.close())

const push = async (ref: string, entries: readonly Entry[]): Promise<string> => {
  const { tip, pack } = packOfTree(entries)
  const answer = await postPush(`${stage.url}/castle/gate.git`, pushBody([`${zeroId} ${tip} ${ref}`], pack), authorization)
  expect(answer.status).toBe(200)
  return answer.text()
}

const file = (name: string, content = 'x'): Entry => ({ mode: '100644', name, content })
const folder = (name: string, entries: readonly Entry[] = [file('config', '[core]\n\tfsmonitor = id\n')]): Entry => ({
  mode: '40000',
  name,
  content: entries,
})
const link = (name: string, target: string): Entry => ({ mode: '120000', name, content: target })
const modules = (lines: string): Entry =>
  file('.gitmodules', `[submodule "sub"]\n\tpath = sub\n\turl = https://example.com/x\n${lines}`)
const named = (name: string): Entry => file('.gitmodules', `[submodule "${name}"]\n\tpath = sub\n\turl = https://example.com/x\n`)

describe('a tree that no honest git makes is refused', () => {
  test.each<[string, readonly Entry[], RegExp]>([
    ['.git', [folder('.git')], /hasDotgit/],
    ['.git in a folder', [folder('a', [folder('.git')])], /hasDotgit/],
    ['.git in capitals', [folder('.GIT')], /hasDotgit/],
    ['.git in its short name of Windows', [folder('git~1')], /hasDotgit/],
    ['.git with a character that macOS overlooks', [folder('.g\u200cit')], /hasDotgit/],
    ['.git with a byte order mark within', [folder('.gi\ufefft')], /hasDotgit/],
    ['.git with a stream of NTFS', [folder('.git::$INDEX_ALLOCATION')], /hasDotgit/],
    ['.git with a dot behind it', [folder('.git.')], /hasDotgit/],
    ['.git with a blank behind it', [folder('.git ')], /hasDotgit/],
    ['.git as a file', [file('.git', 'gitdir: /etc')], /hasDotgit/],
    ['.git as a link', [link('.git', '/etc')], /hasDotgit/],
    ['the folder above', [folder('..')], /hasDotdot/],
    ['the folder itself', [folder('.')], /hasDot/],
    ['a path', [file('a/b')], /fullPathname/],
    ['a path to the root', [file('/etc/passwd')], /fullPathname/],
    ['no name', [file('')], /empty filename/],
    ['one name twice, as file and link', [file('a'), link('a', '.git/hooks')], /duplicateEntries/],
    ['.gitmodules as a link', [link('.gitmodules', '.git/config')], /gitmodulesSymlink/],
    ['.gitmodules as a link, in capitals', [link('.GITMODULES', '.git/config')], /gitmodulesSymlink/],
    ['.gitmodules as a link, in its short name', [link('gitmod~1', '.git/config')], /gitmodulesSymlink/],
    ['.gitmodules as a folder', [folder('.gitmodules')], /gitmodulesBlob|not a blob/],
    ['a submodule whose name leads out', [named('../../x')], /gitmodulesName/],
    ['a submodule whose name leads out within', [named('a/../../.git')], /gitmodulesName/],
    ['a submodule whose name leads out, for Windows', [named('..\\\\..\\\\x')], /gitmodulesName/],
    ['a submodule whose address is an option', [modules('\turl = --upload-pack=id\n')], /gitmodulesUrl/],
    ['a submodule whose address is one of ssh', [modules('\turl = -oProxyCommand=id\n')], /gitmodulesUrl/],
    ['a submodule whose address has a line break', [modules('\turl = "https://x/%0ahost=evil"\n')], /gitmodulesUrl/],
    ['a submodule whose path is an option', [modules('\tpath = -x\n')], /gitmodulesPath/],
    ['a submodule that is updated by a command', [modules('\tupdate = !id\n')], /gitmodulesUpdate/],
  ])('%s', async (_what, entries, reason) => {
    const said = await push('refs/heads/hostile', entries)
    expect(said).toMatch(reason)
    expect(said).toContain('ng refs/heads/hostile unpacker error')
    expect((await stage.repositories.refs(facts.id)).size).toBe(0)
  })

  test('and nothing of it stays', () => {
    const kept = readdirSync(join(stage.repositories.directoryOf(facts.id), 'objects')).filter((name) => name !== 'info')
    expect(kept.filter((name) => name !== 'pack')).toEqual([])
  })
})

test.each<[string, readonly Entry[]]>([
  ['a submodule', [modules(''), { mode: '160000', name: 'sub', content: { id: '1'.repeat(40) } }]],
  ['files that git itself reads', [file('.gitattributes', '* text'), file('.gitignore', 'x'), file('.mailmap')]],
  ['names that come close', [file('.gitty'), file('git~2'), file('x.git')]],
  ['a link that leads out, which clients make as a link', [link('out', '../../etc/passwd')]],
])('an honest tree with %s is taken', async (what, entries) => {
  const ref = `refs/heads/${what.replaceAll(/\W/g, '-')}`
  expect(await push(ref, entries)).toContain(`ok ${ref}`)
})

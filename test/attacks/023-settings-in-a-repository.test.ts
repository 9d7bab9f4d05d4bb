/**
 * The attack: a repository that brings its own hooks, settings, attributes or alternates, and a server whose git obeys
 * them: `uploadpack.packObjectsHook`, `core.fsmonitor`, `core.hooksPath`, `core.sshCommand`, filters and drivers
 * (CVE-2022-24765 and those around `safe.directory`; bare repositories within a tree).
 * What was believed: nobody but the server writes there, so all that stands there may be obeyed.
 * What holds: even if somebody found a way to write there, git gets its hooks and all that starts programs from us; and a
 * bare repository within a tree is a folder of files.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectFacts } from '../../src/core/project.ts'
import { GitStage } from '../support/git-stage.ts'
import { type Entry, packOfTree } from './hostile-trees.ts'
import { postPush, pushBody, zeroId } from './raw-push.ts'

let stage: GitStage
let token: string
let facts: ProjectFacts
let directory: string
let copy: string
let trap: string

/** A program that leaves a trace of its having been started, and goes on as `cat` does. */
const springing = (): string => join(stage.directory, 'springing')

const hooks = [
  'pre-receive',
  'update',
  'post-receive',
  'post-update',
  'reference-transaction',
  'proc-receive',
  'push-to-checkout',
  'pre-auto-gc',
]

const planted = (program: string): string => `
[core]
  hooksPath = ${directory}/hooks
  fsmonitor = ${program}
  sshCommand = ${program}
  alternateRefsCommand = ${program}
  gitProxy = ${program}
  pager = ${program}
  attributesFile = ${directory}/info/attributes
[uploadpack]
  packObjectsHook = ${program}
[receive]
  certNonceSeed = x
[gpg]
  program = ${program}
[filter "evil"]
  clean = ${program}
  smudge = ${program}
  process = ${program}
[diff "evil"]
  command = ${program}
  textconv = ${program}
[merge "evil"]
  driver = ${program}
[tar "evil"]
  command = ${program}
[protocol]
  allow = always
[remote "origin"]
  url = ext::${program}
  promisor = true
  partialclonefilter = blob:none
`

beforeAll(async () => {
  stage = await GitStage.open()
  const mallory = stage.user('mallory')
  token = stage.token(mallory)
  facts = await stage.project('castle/gate', { roles: new Map([[mallory.id, 40]]) })
  directory = stage.repositories.directoryOf(facts.id)
  trap = join(stage.directory, 'sprung')
  copy = await stage.workingCopy('copy')
  await stage.mustGit(['push', '-q', stage.remote('castle/gate', token), 'main'], copy)
  await writeFile(springing(), `#!/bin/sh\necho "$0" >> '${trap}'\nexec cat\n`, { mode: 0o755 })
})
afterAll(() => stage.close())

describe('what is planted in a repository starts nothing', () => {
  beforeAll(async () => {
    await writeFile(join(directory, 'config'), `${await readFile(join(directory, 'config'), 'utf8')}${planted(springing())}`)
    for (const name of [...hooks.map((hook) => `hooks/${hook}`)]) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), `#!/bin/sh\necho "$0" >> '${trap}'\n`, { mode: 0o755 })
    }
    await mkdir(join(directory, 'info'), { recursive: true })
    await writeFile(join(directory, 'info/attributes'), '* filter=evil diff=evil merge=evil\n')
  })

  test.each<[string, () => readonly string[]]>([
    ['a clone', () => ['clone', '-q', '--bare', stage.remote('castle/gate', token), 'cloned']],
    [
      'a shallow clone of part of it',
      () => ['clone', '-q', '--bare', '--depth=1', '--filter=tree:0', stage.remote('castle/gate', token), 'part'],
    ],
    ['a push', () => ['push', '-q', stage.remote('castle/gate', token), 'main:refs/heads/pushed']],
    ['a push with options', () => ['push', '-q', '-o', 'x=y', stage.remote('castle/gate', token), 'main:refs/heads/more']],
    ['a deletion', () => ['push', '-q', stage.remote('castle/gate', token), ':refs/heads/pushed']],
    ['a list of refs', () => ['ls-remote', stage.remote('castle/gate', token)]],
  ])('for %s', async (_what, words) => {
    expect(await stage.git(words(), copy)).toMatchObject({ code: 0 })
    expect(existsSync(trap)).toBe(false)
  })

  test('though a git that obeys it would', async () => {
    await stage.git(['-c', `safe.directory=*`, `--git-dir=${directory}`, 'update-ref', 'refs/heads/obeyed', 'refs/heads/main'])
    expect(await readFile(trap, 'utf8')).toContain('reference-transaction')
  })
})

test('a bare repository within a tree is a folder of files', async () => {
  const file = (name: string, content: string): Entry => ({ mode: '100644', name, content })
  const hook: Entry = { mode: '100755', name: 'post-update', content: '#!/bin/sh\nid\n' }
  const { tip, pack } = packOfTree([
    { mode: '100644', name: 'HEAD', content: 'ref: refs/heads/main\n' },
    file('config', '[core]\n\tfsmonitor = id\n\tbare = true\n'),
    { mode: '40000', name: 'hooks', content: [hook] },
    { mode: '40000', name: 'objects', content: [{ mode: '40000', name: 'info', content: [file('alternates', '/etc\n')] }] },
    { mode: '40000', name: 'refs', content: [file('x', 'x')] },
  ])
  const authorization = `Basic ${Buffer.from(`git:${token}`).toString('base64')}`
  const body = pushBody([`${zeroId} ${tip} refs/heads/nested`], pack)
  const answer = await postPush(`${stage.url}/castle/gate.git`, body, authorization)
  expect(await answer.text()).toContain('ok refs/heads/nested')
  expect(existsSync(join(directory, 'objects/info/alternates'))).toBe(false)
})

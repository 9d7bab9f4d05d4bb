/**
 * The attack: words that a program takes for options or for another address. `ssh -oProxyCommand=…` in the place of a host
 * (CVE-2017-1000117), `ext::sh -c …` in the place of a repository, `--upload-pack=…` before a path, `--output=…` among the
 * arguments of an archive, options of git in `GIT_PROTOCOL` or in `git push -o`.
 * What was believed: whoever quotes words for a shell has made them harmless.
 * What holds: there is no shell, a path is only ever looked up, git hears of a folder that is named by a number, and
 * nothing else of a client becomes an argument or a variable but the version of the protocol, in its own form.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeptLogin } from '../git/properties/kept-connection.ts'
import { packet } from '../git/properties/packets.ts'
import { type ClientKey, Stage, user } from '../ssh/stage.ts'

const mallory = user(1, 'mallory')
let stage: Stage
let key: ClientKey
let login: KeptLogin
let trap: string

beforeAll(async () => {
  stage = await Stage.open()
  key = stage.keyFor(mallory)
  await stage.project('group/project', { roles: new Map([[mallory.id, 40]]) })
  const copy = stage.workingCopy('copy')
  const pushed = await stage.git(key, ['push', '-q', stage.url('group/project'), 'HEAD:refs/heads/main'], {}, copy)
  expect(pushed.code).toBe(0)
  trap = join(stage.directory, 'sprung')
  login = await KeptLogin.open({ ssh: { host: '127.0.0.1', port: stage.port } }, readFileSync(key.file, 'utf8'))
})
afterAll(async () => {
  login?.close()
  await stage?.close()
})

const isSprung = (): boolean => existsSync(trap)

describe('what is asked of SSH', () => {
  test.each([
    "git-upload-pack '--upload-pack=touch {trap}' 'group/project.git'",
    "git-upload-pack '--upload-pack=touch {trap};group/project.git'",
    "git-upload-pack '-oProxyCommand=touch {trap}'",
    "git-upload-pack -- '-oProxyCommand=touch {trap}/x'",
    "git-upload-pack 'ext::sh -c touch% {trap}'",
    'git-upload-pack "ext::touch {trap}"',
    "git-upload-pack 'fd::17'",
    "git-upload-pack 'file:///etc/group/project.git'",
    "git-upload-pack 'ssh://-oProxyCommand=x/group/project.git'",
    "git-upload-pack '/group/../../../etc'",
    "git-upload-pack 'group/project.git/config'",
    "git-upload-pack 'group/project.git/../project.git'",
    "git-upload-pack --strict --timeout=0 'group/project.git'",
    "git-receive-pack --skip-connectivity-check 'group/project.git'",
    "git-upload-archive --remote=x --exec='touch {trap}' 'group/project.git'",
    "git -c core.sshCommand='touch {trap}' upload-pack 'group/project.git'",
    "git --exec-path={trap} upload-pack 'group/project.git'",
    "git-upload-pack 'group/project.git\n' touch {trap}",
    "git-upload-pack 'group/project.git'$(touch$IFS{trap})",
    'env touch {trap}',
  ])('%s is refused', async (line) => {
    const told = await login.run(line.replaceAll('{trap}', trap), Buffer.from('0000'))
    expect(told.code).toBeGreaterThan(0)
    expect(told.output.toString()).toBe('')
    expect(told.errors).toMatch(/^remote: /)
    expect(isSprung()).toBe(false)
  })

  test.each(['version=2 --upload-pack=x', 'version=2\n-c', '--git-dir=/etc', '$(id)', 'version=2\0x', ':'.repeat(257)])(
    'GIT_PROTOCOL %j is as if it had not been said',
    async (protocol) => {
      const told = await login.run("git-upload-pack 'group/project.git'", Buffer.from('0000'), protocol)
      expect(told.code).toBe(0)
      expect(told.output.toString()).toContain('multi_ack')
    },
  )
})

describe('an archive', () => {
  const ask = (words: readonly string[]) => {
    const input = Buffer.concat([...words.map((word) => packet(`argument ${word}\n`)), Buffer.from('0000')])
    return login.run("git-upload-archive 'group/project.git'", input)
  }

  test('comes for what may be asked', async () => {
    expect((await ask(['--format=tar', 'main'])).output.toString('latin1')).toContain('ACK')
  })

  test.each<[readonly string[]]>([
    [['--output={trap}', 'main']],
    [['-o', '{trap}', 'main']],
    [['--remote=ext::touch', '--exec=touch {trap}', 'main']],
    [['--exec', 'touch {trap}', 'main']],
    [['--add-file=/etc/passwd', 'main']],
    [['--add-virtual-file=a:b', '--remote=/etc', 'main']],
    [['--format=../../bin/sh', 'main']],
    [['main:../..', '/etc/passwd']],
    [['--prefix=x/', 'refs/keep-around/x']],
    [Array.from({ length: 100 }, () => 'main')],
  ])('%j brings no archive and no file', async (words) => {
    const told = await ask(words.map((word) => word.replaceAll('{trap}', trap)))
    expect(told.output.toString('latin1')).not.toMatch(/root:|PK\b|ustar/)
    expect(told.code).toBeGreaterThan(0)
    expect(isSprung()).toBe(false)
  })
})

test('options of a push are words for our hooks, and none of git', async () => {
  const copy = stage.workingCopy('options')
  const options = [`--upload-pack=touch ${trap}`, '--receive-pack=x', '-c', `core.hooksPath=${stage.directory}`, 'a\tb;id']
  const words = [
    'push',
    '-q',
    ...options.flatMap((option) => ['-o', option]),
    stage.url('group/project'),
    'HEAD:refs/heads/topic',
  ]
  expect(await stage.git(key, words, {}, copy)).toMatchObject({ code: 0 })
  expect(isSprung()).toBe(false)
})

test('nothing of all this was a fault of the server', () => {
  expect(stage.logged.filter((line) => Number(line['level']) >= 50)).toEqual([])
})

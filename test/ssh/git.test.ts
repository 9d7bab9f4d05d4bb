import { execFile, execFileSync, spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProjectFacts, RefRule, Role } from '../../src/core/project.ts'
import { type ClientKey, type Ran, Stage, type StageOptions, user } from './stage.ts'

const anna = user(1, 'anna')
const developer: ReadonlyMap<number, Role> = new Map([[anna.id, 30]])

let stage: Stage
let key: ClientKey
let started: string[] = []
const note = (message: unknown): void => {
  if (typeof message === 'object' && message !== null && 'service' in message) started.push(String(message.service))
}
const open = async (options?: StageOptions): Promise<void> => {
  stage = await Stage.open(options)
  key = stage.keyFor(anna)
}
beforeEach(async () => {
  started = []
  subscribe('sallyport:spawn', note)
  await open()
})
afterEach(async () => {
  unsubscribe('sallyport:spawn', note)
  await stage.close()
})

const protect = (pattern: string, level: 0 | 40): RefRule => ({
  kind: 'branch',
  pattern,
  allowForcePush: false,
  levels: [{ kind: 'role', action: 'push', level }],
})

const bare = (...words: string[]): string =>
  execFileSync('git', words, { cwd: stage.directory, env: stage.gitEnvironment, encoding: 'utf8' }).trim()

const refsOf = (project: ProjectFacts): string =>
  bare('-C', stage.repositories.directoryOf(project.id), '-c', 'safe.directory=*', 'for-each-ref', '--format=%(refname)')

const push = (copy: string, path: string, ...refs: string[]): Promise<Ran> =>
  stage.git(key, ['push', stage.url(path), ...refs], {}, copy)

describe('a member', () => {
  test('pushes, clones and pulls', async () => {
    const project = await stage.project('group/project', { roles: developer })
    const copy = stage.workingCopy('copy')
    expect(await push(copy, 'group/project', 'main')).toMatchObject({ code: 0 })
    expect(refsOf(project)).toBe('refs/heads/main')
    expect(await stage.git(key, ['clone', '-q', stage.url('group/project'), 'clone'])).toMatchObject({ code: 0 })
    expect(readFileSync(join(stage.directory, 'clone/data'))).toEqual(readFileSync(join(copy, 'data')))
    // Each service is asked once what it can do; refs are told without it.
    expect(started).toEqual(['advertise-push', 'receive-pack', 'upload-pack', 'upload-pack'])
    expect(await stage.lineWhere((line) => line['command'] === 'git-receive-pack')).toMatchObject({
      level: 30,
      'meta.user': 'anna',
      'meta.project': 'group/project',
      'meta.project_id': project.id,
      exit_code: 0,
    })
  })

  test.each([
    ['0', 'version 0', 'version 2'],
    ['2', 'version 2', 'no such line'],
  ])('fetches by protocol %s', async (version, expected, unexpected) => {
    await stage.project('group/project', { roles: developer })
    await push(stage.workingCopy('copy'), 'group/project', 'main')
    const ran = await stage.git(key, ['-c', `protocol.version=${version}`, 'ls-remote', stage.url('group/project')], {
      GIT_TRACE_PACKET: '1',
    })
    expect(ran.stdout).toMatch(/^[0-9a-f]{40}\tHEAD\n[0-9a-f]{40}\trefs\/heads\/main\n$/)
    if (expected !== 'version 0') expect(ran.stderr).toContain(expected)
    expect(ran.stderr).not.toContain(unexpected)
  })

  test('fetches 12 MB as they are', async () => {
    await stage.project('group/project', { roles: developer })
    const copy = stage.workingCopy('copy', 12_000_000)
    expect(await push(copy, 'group/project', 'main')).toMatchObject({ code: 0 })
    expect(await stage.git(key, ['clone', '-q', stage.url('group/project'), 'clone'])).toMatchObject({ code: 0 })
    expect(readFileSync(join(stage.directory, 'clone/data')).equals(readFileSync(join(copy, 'data')))).toBe(true)
  })

  test('takes an archive', async () => {
    await stage.project('group/project', { roles: developer })
    await push(stage.workingCopy('copy'), 'group/project', 'main')
    const url = stage.url('group/project')
    const ran = await stage.git(key, ['archive', `--remote=${url}`, '--format=tar', '-o', 'all.tar', 'main'])
    expect(ran).toMatchObject({ code: 0 })
    expect(execFileSync('tar', ['-tf', join(stage.directory, 'all.tar')], { encoding: 'utf8' })).toBe('data\n')
  })

  test('clones an empty project', async () => {
    await stage.project('group/project', { roles: developer })
    const ran = await stage.git(key, ['clone', stage.url('group/project'), 'clone'])
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('empty repository') })
    expect(existsSync(join(stage.directory, 'clone/.git'))).toBe(true)
  })

  test('is told of a new address after a push to the old one', async () => {
    await stage.project('new/project', { roles: developer })
    const moved = stage.projects.get('new/project')
    if (moved) stage.projects.set('old/project', { ...moved, facts: { ...moved.facts, movedFrom: 'old/project' } })
    const ran = await push(stage.workingCopy('copy'), 'old/project', 'main')
    expect(ran.code).toBe(0)
    expect(ran.stderr).toMatch(/remote: Project 'old\/project' was moved to 'new\/project'\./)
    expect(ran.stderr).toMatch(/remote: +git remote set-url origin ssh:\/\/git@git\.example\.org\/new\/project\.git/)
  })
})

const asOnTerminal = ({ stderr }: Ran): string => stderr.replace(/ +$/gm, '')

describe('a push that is declined', () => {
  const text = 'You are not allowed to create protected branches on this project.'

  test('reads as a failed pre-receive hook, and receive-pack is not started', async () => {
    const project = await stage.project('group/project', { roles: developer, rules: [protect('main', 40)] })
    const ran = await push(stage.workingCopy('copy', 5_000_000), 'group/project', 'main')
    expect(ran.code).toBe(1)
    expect(asOnTerminal(ran)).toContain(`remote: GitLab: ${text}\n`)
    expect(ran.stderr).toContain('! [remote rejected] main -> main (pre-receive hook declined)')
    expect(ran.stderr).not.toMatch(/hung up|broken pipe|early EOF/i)
    expect(started).toEqual(['advertise-push'])
    expect(refsOf(project)).toBe('')
    expect(await stage.lineWhere((line) => line['command'] === 'git-receive-pack')).toMatchObject({
      level: 40,
      msg: 'refused',
      'meta.refusal_reason': 'branch_creation_denied',
      'meta.refused_ref': 'refs/heads/main',
      token_kind: 'user-key',
    })
  })

  test('is declined whole where one ref is', async () => {
    const project = await stage.project('group/project', { roles: developer, rules: [protect('release-*', 0)] })
    const ran = await push(stage.workingCopy('copy'), 'group/project', 'main:refs/heads/free', 'main:refs/heads/release-1')
    expect(ran.code).toBe(1)
    expect(ran.stderr.match(/\[remote rejected\]/g)).toHaveLength(2)
    expect(refsOf(project)).toBe('')
  })

  test('is answered at once where it only deletes, since no pack follows', async () => {
    const project = await stage.project('group/project', { roles: developer })
    const copy = stage.workingCopy('copy')
    await push(copy, 'group/project', 'main:refs/heads/main', 'main:refs/heads/kept')
    const staged = stage.projects.get('group/project')
    if (staged) stage.projects.set('group/project', { ...staged, rules: [protect('kept', 40)] })
    const begun = performance.now()
    const ran = await push(copy, 'group/project', ':refs/heads/kept')
    expect(performance.now() - begun).toBeLessThan(2500)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('[remote rejected] kept (pre-receive hook declined)') })
    expect(refsOf(project)).toBe('refs/heads/kept\nrefs/heads/main')
  })
})

describe('deploy keys', () => {
  const attach = async (canPush: boolean): Promise<void> => {
    await stage.project('group/project', { roles: developer })
    await push(stage.workingCopy('copy'), 'group/project', 'main')
    key = stage.makeKey()
    const id = stage.register(key.fingerprint, anna, { kind: 'deploy' })
    const staged = stage.projects.get('group/project')
    if (staged) stage.projects.set('group/project', { ...staged, deployKeys: new Map([[id, canPush]]) })
  }

  test('read-only: pulls and does not push', async () => {
    await attach(false)
    started = []
    expect(await stage.git(key, ['clone', '-q', stage.url('group/project'), 'clone'])).toMatchObject({ code: 0 })
    const ran = await push(join(stage.directory, 'copy'), 'group/project', 'main:refs/heads/other')
    expect(ran.code).toBe(128)
    expect(ran.stderr).toContain('remote: ERROR: This deploy key does not have write access to this project.')
    expect(started).toEqual(['upload-pack', 'upload-pack'])
  })

  test('with write access: pushes', async () => {
    await attach(true)
    expect(await push(join(stage.directory, 'copy'), 'group/project', 'main:refs/heads/other')).toMatchObject({ code: 0 })
  })
})

describe('the second question of a push', () => {
  test('is asked afresh: who lost the right since the refs were shown is refused', async () => {
    await stage.close()
    await open({
      engine: (engine) => ({
        advertise: async (...given) => {
          const staged = stage.projects.get('group/project')
          if (staged) stage.projects.set('group/project', { ...staged, roles: new Map([[anna.id, 10]]) })
          return engine.advertise(...given)
        },
        knownAdvertisement: (...given) => engine.knownAdvertisement(...given),
        answerFetch: (...given) => engine.answerFetch(...given),
        uploadPack: (...given) => engine.uploadPack(...given),
        uploadArchive: (...given) => engine.uploadArchive(...given),
        receivePack: (...given) => engine.receivePack(...given),
      }),
    })
    const project = await stage.project('group/project', { roles: developer })
    const ran = await push(stage.workingCopy('copy'), 'group/project', 'main')
    expect(ran.code).not.toBe(0)
    expect(ran.stderr).toContain('ERROR: You are not allowed to push code to this project.')
    expect(started).toEqual(['advertise-push'])
    expect(refsOf(project)).toBe('')
  })
})

describe('a client that keeps its side open behind the pack, as JGit does', () => {
  const sendPack = async (rules: readonly RefRule[], beforePack?: (answer: () => string) => Promise<void>): Promise<string> => {
    const project = await stage.project('group/project', { roles: developer, rules })
    const copy = stage.workingCopy('copy')
    const id = bare('-C', copy, 'rev-parse', 'main')
    const pack = execFileSync('git', ['pack-objects', '--revs', '--stdout', '-q'], { cwd: copy, input: 'main\n' })
    const command = `${'0'.repeat(40)} ${id} refs/heads/main\0 report-status`
    const client = spawn('ssh', [...stage.sshArguments(key), "git-receive-pack 'group/project.git'"])
    let answer = ''
    client.stdout.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
    })
    while (!answer.endsWith('0000')) await once(client.stdout, 'data')
    const shown = answer.length
    client.stdin.write(`${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`)
    await beforePack?.(() => answer.slice(shown))
    client.stdin.write(pack)
    const [code] = await once(client, 'close')
    expect([code, refsOf(project)]).toEqual([0, rules.length === 0 ? 'refs/heads/main' : ''])
    return answer
  }

  test('is answered when it is admitted', async () => {
    expect(await sendPack([])).toMatch(/unpack ok\n.*ok refs\/heads\/main\n/s)
  })

  test('is answered when it is declined', async () => {
    expect(await sendPack([protect('main', 40)])).toMatch(/ng refs\/heads\/main pre-receive hook declined\n/)
  })

  test('is not answered while its pack may still be on the way, which would break off its sending', async () => {
    const answer = await sendPack([protect('main', 40)], async (soFar) => {
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(soFar()).toBe('')
    })
    expect(answer).toContain('pre-receive hook declined')
  })
})

describe('what is sent instead of a push', () => {
  const send = async (bytes: string): Promise<Ran> => {
    await stage.project('group/project', { roles: developer })
    const file = join(stage.directory, 'sent')
    writeFileSync(file, bytes, 'latin1')
    const words = stage.sshArguments(key, [], 'git').map((word) => `'${word}'`)
    const script = `ssh ${words.join(' ')} "git-receive-pack 'group/project.git'" < ${file}`
    return new Promise((resolve) => {
      execFile('sh', ['-c', script], { encoding: 'utf8' }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      )
    })
  }

  test.each<[string, string, number, string]>([
    ['a flush alone', '0000', 0, ''],
    ['nothing', '', 0, ''],
    ['no packet', 'zzzz', 128, 'remote: ERROR: '],
    ['a cut packet', '0100abc', 128, 'remote: ERROR: '],
    ['a command that is none', '000chello\n\n0', 128, 'remote: ERROR: '],
    ['a length beyond the longest', 'fff5', 128, 'remote: ERROR: '],
  ])('%s', async (_name, bytes, code, message) => {
    const ran = await send(bytes)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(message)
    expect(started).toEqual(['advertise-push'])
  })
})

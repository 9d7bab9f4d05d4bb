import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/principal.ts'
import { branchRule, role } from '../access/case.ts'
import { GitStage } from '../support/git-stage.ts'

/** A folder for what is temporary here alone: others push beside this. */
const temporary = mkdtempSync(join(tmpdir(), 'git-push-'))
let stage: GitStage
let developer: User
let maintainer: User
let token: string
let maintainerToken: string

beforeAll(async () => {
  vi.stubEnv('TMPDIR', temporary)
  stage = await GitStage.open({ env: { SALLYPORT_MAX_PUSH: '8MiB' } })
  developer = stage.user('ada')
  maintainer = stage.user('max')
  token = stage.token(developer)
  maintainerToken = stage.token(maintainer)
})
afterAll(async () => {
  await stage.close()
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true })
})

type Changes = Parameters<GitStage['project']>[1]

const roles = () => new Map([[developer.id, 30] as const, [maintainer.id, 40] as const])

/** A project whose `main` holds two commits. */
const filled = async (path: string, changes: Changes = {}) => {
  const facts = await stage.project(path, { roles: roles(), ...changes, rules: [] })
  const at = await stage.workingCopy(`work-${path.replaceAll('/', '-')}`)
  const first = await stage.mustGit(['rev-parse', 'HEAD'], at)
  const head = await stage.commit(at, 'second')
  await stage.mustGit(['push', '-q', stage.remote(path, maintainerToken), 'main'], at)
  const staged = stage.projects.get(path)
  if (staged && changes.rules) staged.rules = changes.rules
  return { facts, at, first, head, refs: () => stage.repositories.refs(facts.id) }
}

const push = (path: string, at: string, words: readonly string[], secret = token) =>
  stage.git(['push', stage.remote(path, secret), ...words], at)

const forbidsForce = 'GitLab: You are not allowed to force push code to a protected branch on this project.'
const declined = (ref: string) =>
  new RegExp(
    `! \\[remote rejected\\] \\S+ -> ${ref} \\(pre-receive hook declined\\)|! \\[remote rejected\\] ${ref} \\(pre-receive hook declined\\)`,
  )

describe('a push', () => {
  test('of a pack larger than a MiB comes in chunks after a probe', async () => {
    const { id } = await stage.project('castle/big', { roles: roles() })
    const at = await stage.workingCopy('big', 3 * 2 ** 20)
    expect(await push('castle/big', at, ['main'])).toMatchObject({ code: 0 })
    expect((await stage.repositories.refs(id)).size).toBe(1)
    expect(await stage.lineWhere((line) => line['meta.project'] === 'castle/big' && line['refs'] === 0)).toMatchObject({
      status: 200,
    })
  })

  test('of more than the setting allows is refused, and the connection survives', async () => {
    const { id } = await stage.project('castle/huge', { roles: roles() })
    const at = await stage.workingCopy('huge', 9 * 2 ** 20)
    const { code, stderr } = await push('castle/huge', at, ['main'])
    expect(code).toBe(1)
    expect(stderr).toContain('pack exceeds maximum allowed size')
    expect((await stage.repositories.refs(id)).size).toBe(0)
  })

  test('of twenty refs lands whole', async () => {
    const { at, head, refs } = await filled('castle/twenty')
    const names = Array.from({ length: 20 }, (_, number) => `refs/heads/b${number}`)
    expect(
      await push(
        'castle/twenty',
        at,
        names.map((name) => `main:${name}`),
      ),
    ).toMatchObject({ code: 0 })
    expect([...(await refs())].filter(([, id]) => id === head)).toHaveLength(21)
  })

  test('may delete what is not protected', async () => {
    const { at, refs } = await filled('castle/delete')
    await push('castle/delete', at, ['main:topic'])
    expect(await push('castle/delete', at, [':topic'])).toMatchObject({ code: 0 })
    expect([...(await refs()).keys()]).toEqual(['refs/heads/main'])
  })

  test('may be atomic, with options, from a shallow clone', async () => {
    const { refs } = await filled('castle/options')
    await stage.mustGit(['clone', '-q', '--depth=1', stage.remote('castle/options', token), 'options'])
    const at = `${stage.directory}/options`
    const head = await stage.commit(at, 'third')
    const words = ['--atomic', '-o', 'ci.skip', 'main:refs/heads/one', 'main:refs/heads/two']
    expect(await push('castle/options', at, words)).toMatchObject({ code: 0 })
    expect((await refs()).get('refs/heads/two')).toBe(head)
  })

  test('is settled before the client sees its end', async () => {
    const { facts } = await filled('castle/settled')
    expect(facts.id).toBeGreaterThan(0)
    expect(stage.settled).toContain('refs/heads/main')
  })

  test('with an object that git finds malformed is refused by git', async () => {
    const { at, refs } = await filled('castle/fsck')
    const { stdout } = await stage.git(['mktree', '--missing'], at)
    const bad = `tree ${stdout.trim()}\nauthor A <a@b> 1 +0000\nauthor B <a@b> 1 +0000\n\nx\n`
    const file = `${at}/bad`
    await import('node:fs/promises').then(({ writeFile }) => writeFile(file, bad))
    const id = await stage.mustGit(['hash-object', '-t', 'commit', '-w', '--literally', file], at)
    const { code, stderr } = await push('castle/fsck', at, [`${id}:refs/heads/bad`])
    expect(code).toBe(1)
    expect(stderr).toMatch(/fsck|unpack/)
    expect((await refs()).has('refs/heads/bad')).toBe(false)
  })

  test('by the old path of a project that moved works, and tells the new one', async () => {
    const { at } = await filled('castle/new-name')
    const staged = stage.projects.get('castle/new-name')
    if (!staged) throw new Error('no project')
    stage.projects.set('castle/old-name', { ...staged, facts: { ...staged.facts, movedFrom: 'castle/old-name' } })
    await stage.commit(at, 'after the move')
    const { code, stderr } = await push('castle/old-name', at, ['main'])
    expect(code).toBe(0)
    const said = stderr.split('\n').map((line) => line.replace(/^remote: ?/, '').trimEnd())
    expect(said).toContain("Project 'castle/old-name' was moved to 'castle/new-name'.")
    expect(said).toContain(`  git remote set-url origin ${stage.url}/castle/new-name.git`)
  })
})

describe('a push that is declined', () => {
  test('before git: no process, each ref refused, the text told, the log has the reason', async () => {
    const rules = [branchRule('main', [role('push', 40)])]
    const { at, head, refs } = await filled('castle/delete-main', { rules })
    const before = stage.spawns.length
    const { code, stderr } = await push('castle/delete-main', at, ['main:other', ':main'])
    expect(code).toBe(1)
    expect(stderr).toContain('remote: GitLab: The default branch of a project cannot be deleted.')
    expect(stderr).toMatch(declined('other'))
    expect(stderr).toMatch(declined('main'))
    expect(await refs()).toEqual(new Map([['refs/heads/main', head]]))
    expect(stage.spawns.slice(before)).toEqual([])
    const line = await stage.lineWhere((entry) => entry['meta.refusal_reason'] === 'default_branch_deletion')
    expect(line).toMatchObject({ level: 40, status: 200, 'meta.refused_ref': 'refs/heads/main', refs: 2 })
  })

  test('before git, with a large pack, is read to its end first', async () => {
    const { at, refs } = await filled('castle/declined-big')
    await stage.mustGit(['checkout', '-q', '--orphan', 'noise'], at)
    await import('node:fs/promises').then(({ writeFile }) =>
      writeFile(
        `${at}/data`,
        Buffer.alloc(4_000_000).map(() => Math.random() * 256),
      ),
    )
    await stage.mustGit(['commit', '-qam', 'noise'], at)
    const { code, stderr } = await push('castle/declined-big', at, ['noise:refs/heads/topic', 'noise:refs/tags/main'])
    expect(code).toBe(1)
    expect(stderr).toContain('remote: GitLab: You cannot use default branch name to create a tag')
    expect(stderr).toMatch(declined('topic'))
    expect((await refs()).size).toBe(1)
  })
})

describe('a protected branch without force push', () => {
  const rules = [branchRule('main', [role('push', 40)])]

  test('takes a fast-forward of who may push', async () => {
    const { at, refs } = await filled('castle/ff', { rules })
    const next = await stage.commit(at, 'next')
    expect(await push('castle/ff', at, ['main'], maintainerToken)).toMatchObject({ code: 0 })
    expect((await refs()).get('refs/heads/main')).toBe(next)
  })

  test('refuses force even to who may push, by the hook', async () => {
    const { at, first, head, refs } = await filled('castle/forced', { rules })
    await stage.mustGit(['reset', '-q', '--hard', first], at)
    await stage.commit(at, 'another second')
    const { code, stderr } = await push('castle/forced', at, ['+main', 'main:topic'], maintainerToken)
    expect(code).toBe(1)
    expect(stderr).toContain(`remote: ${forbidsForce}`)
    expect(stderr).toMatch(declined('main'))
    expect(stderr).toMatch(declined('topic'))
    expect(await refs()).toEqual(new Map([['refs/heads/main', head]]))
  })

  test('asks about force first and role second, in quarantine', async () => {
    const { at, first, head, refs } = await filled('castle/quarantine', { rules })
    await stage.commit(at, 'next')
    const fair = await push('castle/quarantine', at, ['main'])
    expect(fair.stderr).toContain('remote: GitLab: You are not allowed to push code to protected branches on this project.')
    expect(fair.stderr).toMatch(declined('main'))
    await stage.mustGit(['reset', '-q', '--hard', first], at)
    await stage.commit(at, 'another second')
    const forced = await push('castle/quarantine', at, ['+main'])
    expect(forced.stderr).toContain(`remote: ${forbidsForce}`)
    expect(await refs()).toEqual(new Map([['refs/heads/main', head]]))
    const services = stage.spawns.map(({ service }) => service)
    expect(services.filter((service) => service === 'quarantine')).toHaveLength(2)
  })

  test('leaves nothing of its checks behind', () => {
    expect(dirname(stage.directory)).toBe(temporary)
    expect(readdirSync(temporary).filter((name) => name.startsWith('sallyport-push-'))).toEqual([])
  })
})

/** What git keeps of a push until it is over. */
const quarantines = ({ id }: { id: ProjectId }) =>
  readdirSync(`${stage.repositories.directoryOf(id)}/objects`).filter((name) => name.startsWith('tmp_objdir'))

const isAlive = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

const header = (secret: string) => `Basic ${Buffer.from(`x:${secret}`).toString('base64')}`
const zeros = '0'.repeat(40)
const packet = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text
const command = `${packet(`${zeros} ${'1'.repeat(40)} refs/heads/x\0report-status side-band-64k`)}0000`
const receive = { 'Content-Type': 'application/x-git-receive-pack-request' }

describe('a client that goes away', () => {
  test('in the middle of a pack leaves no process and no quarantine', async () => {
    const { facts, refs } = await filled('castle/gone')
    const spawned = stage.spawns.length
    const going = request(`${stage.url}/castle/gone.git/git-receive-pack`, {
      method: 'POST',
      headers: { ...receive, Authorization: header(token) },
    })
    going.on('error', () => {})
    going.write(`${command}PACK\0\0\0\x02\0\0\0\x09`)
    while (stage.spawns.length === spawned) await new Promise((resolve) => setImmediate(resolve))
    const pid = stage.spawns.at(-1)?.pid
    expect(isAlive(pid)).toBe(true)
    while (quarantines(facts).length === 0) await new Promise((resolve) => setImmediate(resolve))
    going.destroy()
    const line = await stage.lineWhere((entry) => entry['meta.project'] === 'castle/gone' && entry['status'] === 499)
    expect(line).toMatchObject({ 'meta.refusal_reason': 'the client went away' })
    expect(isAlive(pid)).toBe(false)
    expect((await refs()).size).toBe(1)
    expect(quarantines(facts)).toEqual([])
  })

  test('before its commands are over starts none', async () => {
    await filled('castle/early')
    const spawned = stage.spawns.length
    const going = request(`${stage.url}/castle/early.git/git-receive-pack`, {
      method: 'POST',
      headers: { ...receive, Authorization: header(token) },
    })
    going.on('error', () => {})
    going.write(command.slice(0, 40), () => setImmediate(() => going.destroy()))
    await stage.lineWhere((entry) => entry['meta.project'] === 'castle/early' && entry['status'] === 499)
    expect(stage.spawns).toHaveLength(spawned)
  })
})

describe('access that is withdrawn', () => {
  test('ends a transfer under way', async () => {
    const { facts } = await filled('castle/withdrawn')
    const secret = stage.token(developer)
    const sending = request(`${stage.url}/castle/withdrawn.git/git-receive-pack`, {
      method: 'POST',
      headers: { ...receive, Authorization: header(secret) },
    })
    const broken = once(sending, 'error').catch(() => {})
    sending.write(`${command}PACK\0\0\0\x02\0\0\0\x09`)
    while (quarantines(facts).length === 0) await new Promise((resolve) => setImmediate(resolve))
    stage.tokens.delete(secret)
    stage.epoch += 1
    const line = await stage.lineWhere((entry) => entry['meta.refusal_reason'] === 'access was withdrawn')
    expect(line).toMatchObject({ 'meta.project': 'castle/withdrawn' })
    expect(isAlive(stage.spawns.at(-1)?.pid)).toBe(false)
    expect(quarantines(facts)).toEqual([])
    sending.destroy()
    await broken
  })
})

/** What the server says to raw bytes before it closes, or within the given parts. */
const say = async (first: string, then?: { after: string; bytes: string }): Promise<string> => {
  const socket = connect(stage.port, '127.0.0.1')
  let heard = ''
  let sent = then === undefined
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
    if (sent || then === undefined || !heard.includes(then.after)) return
    sent = true
    socket.write(then.bytes)
  })
  socket.write(first)
  await once(socket, 'close')
  return heard
}

describe('Expect: 100-continue', () => {
  const head = (secret: string, length: number) =>
    [
      'POST /castle/expect.git/git-receive-pack HTTP/1.1',
      'Host: x',
      `Authorization: ${header(secret)}`,
      'Content-Type: application/x-git-receive-pack-request',
      `Content-Length: ${length}`,
      'Expect: 100-continue',
      'Connection: close',
      '\r\n',
    ].join('\r\n')

  test('is answered to one who may push', async () => {
    await filled('castle/expect')
    const heard = await say(head(token, 4), { after: '100 Continue\r\n\r\n', bytes: '0000' })
    expect(heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  })

  test('is not answered to one who may not: the body is never sent', async () => {
    const heard = await say(head(`${token}x`, 1_000_000))
    expect(heard).toMatch(/^HTTP\/1\.1 401/)
    expect(heard).not.toContain('100 Continue')
  })
})

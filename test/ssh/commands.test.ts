import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientKey, Stage, user } from './stage.ts'

const anna = user(1, 'anna')
let stage: Stage
let key: ClientKey
beforeAll(async () => {
  stage = await Stage.open()
  key = stage.keyFor(anna)
  await stage.project('group/secret')
})
afterAll(() => stage.close())

const ruler = '='.repeat(72)
const frame = (message: string): string =>
  `remote: \nremote: ${ruler}\nremote: \nremote: ERROR: ${message}\n\nremote: \nremote: ${ruler}\nremote: \n`

/** What ssh itself says on standard error, its warnings about the host's key, is not ours. */
const own = (stderr: string): string => stderr.replace(/^Warning: Permanently added .*\r?\n/, '').replaceAll('\r', '')

describe('the welcome', () => {
  test.each<[string, readonly string[], readonly string[], string]>([
    ['without a command', [], [], '\n'],
    ['without a command or a terminal', [], ['-T'], '\n'],
    ['on a terminal', [], ['-tt'], '\r\n'],
    ['for an empty command', ['  '], [], '\n'],
  ])('%s', async (_name, command, options, end) => {
    expect(await stage.ssh(key, command, options)).toMatchObject({ code: 0, stdout: `Welcome to GitLab, @anna!${end}` })
  })

  test('a deploy key greets the user who added it', async () => {
    expect((await stage.ssh(stage.keyFor(anna, { kind: 'deploy' }), [])).stdout).toBe('Welcome to GitLab, @anna!\n')
  })

  test('a deploy key whose user is gone greets nobody', async () => {
    expect((await stage.ssh(stage.keyFor(undefined, { kind: 'deploy' }), [])).stdout).toBe('Welcome to GitLab, Anonymous!\n')
  })

  test('leaves one line in the log', async () => {
    const someone = stage.keyFor(user(7, 'someone'))
    await stage.ssh(someone, [])
    expect(await stage.lineWhere((line) => line['meta.user'] === 'someone')).toMatchObject({
      level: 30,
      door: 'ssh',
      command: 'welcome',
      exit_code: 0,
      remote_ip: '127.0.0.1',
      token_type: 'Key',
      token_kind: 'user-key',
      token_id: stage.keys.get(someone.fingerprint)?.id,
      correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      duration_s: expect.any(Number),
    })
  })
})

const notFound = "The project you were looking for could not be found or you don't have permission to view it."

describe('what is refused', () => {
  test.each<[string, string, number, string]>([
    ['ls -la', 'an unknown command', 128, 'Unknown command: ls -la'],
    ["git-upload-pack 'group/secret", 'an open quote', 128, 'Failed to parse command: invalid command line string'],
    ['git-upload-pack', 'no project', 1, 'Disallowed command'],
    ["git-upload-pack '../x'", 'a traversal', 1, 'This is not the path of a project.'],
    ["git-upload-pack 'group/absent.git'", 'a project that is not there', 1, notFound],
    ["git-upload-pack 'group/secret.git'", 'a project of others, which must look the same', 1, notFound],
    ["git-receive-pack 'group/secret.git'", 'a push to it', 1, notFound],
    ["git-upload-archive 'group/secret.git'", 'an archive of it', 1, notFound],
  ])('%s: %s', async (command, _name, code, message) => {
    const ran = await stage.ssh(key, [command])
    expect({ ...ran, stderr: own(ran.stderr) }).toEqual({ code, stdout: '', stderr: frame(message) })
  })

  test('its reason stands in the log, which tells apart what the client cannot', async () => {
    const late = stage.logged.length
    await stage.ssh(key, ["git-upload-pack 'group/absent.git'"])
    await stage.ssh(key, ["git-upload-pack 'group/secret.git'"])
    expect(stage.logged.slice(late)).toMatchObject([
      {
        level: 40,
        command: 'git-upload-pack',
        path: 'group/absent',
        'meta.refusal_reason': 'project_absent',
        'meta.user': 'anna',
      },
      { level: 40, 'meta.project': 'group/secret', 'meta.refusal_reason': 'project_invisible', token_type: 'Key' },
    ])
  })

  test('a blocked user is told so', async () => {
    const blocked = stage.keyFor(user(3, 'gone', { state: 'blocked' }))
    const ran = await stage.ssh(blocked, ["git-upload-pack 'group/secret.git'"])
    expect({ ...ran, stderr: own(ran.stderr) }).toMatchObject({ code: 1, stderr: frame('Your account has been blocked.') })
  })

  test('sftp and any other subsystem', async () => {
    for (const name of ['sftp', 'netconf']) {
      const ran = await stage.ssh(key, [name], ['-s'])
      expect(ran).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('subsystem request failed') })
    }
  })

  test('a forwarded port of the client', async () => {
    const ran = await stage.ssh(key, [], ['-W', '127.0.0.1:80'])
    expect(ran.code).toBe(255)
    expect(ran.stderr).toContain('administratively prohibited')
  })

  test('a forwarded port of the server', async () => {
    const ran = await stage.ssh(key, [], ['-R', '0:127.0.0.1:80', '-o', 'ExitOnForwardFailure=yes'])
    expect(ran.code).toBe(255)
    expect(ran.stderr).toMatch(/remote port forwarding failed/)
  })

  test('the agent and X11, without ending the session', async () => {
    const ran = await stage.ssh(key, [], ['-A', '-X'])
    expect(ran).toMatchObject({ code: 0, stdout: 'Welcome to GitLab, @anna!\n' })
  })

  test('environment variables, without ending the session', async () => {
    const ran = await stage.ssh(key, [], ['-o', 'SetEnv=GIT_DIR=/ LD_PRELOAD=/x GIT_PROTOCOL=version=2'])
    expect(ran).toMatchObject({ code: 0, stdout: 'Welcome to GitLab, @anna!\n' })
  })
})

describe('a fault', () => {
  test('is told with an id that the log has too, and nothing else', async () => {
    const unlucky = stage.keyFor(user(8, 'unlucky'))
    const gather = stage.projects.get
    stage.projects.get = () => {
      throw new Error('disk on fire at /srv/secret')
    }
    const ran = await stage.ssh(unlucky, ["git-upload-pack 'group/secret.git'"]).finally(() => {
      stage.projects.get = gather
    })
    const line = await stage.lineWhere((one) => one['msg'] === 'fault')
    expect(ran).toMatchObject({ code: 128, stdout: '' })
    expect(own(ran.stderr)).toBe(
      frame(`Something went wrong on the server. Tell an administrator this id: ${line['correlation_id']}`),
    )
    expect(line).toMatchObject({ level: 50, err: { message: 'disk on fire at /srv/secret' } })
  })

  test('at login ends the connection and is logged', async () => {
    const unlucky = stage.makeKey()
    const get = stage.keys.get
    stage.keys.get = () => {
      throw new Error('database away')
    }
    const ran = await stage.ssh(unlucky, []).finally(() => {
      stage.keys.get = get
    })
    expect(ran.code).toBe(255)
    expect(await stage.lineWhere((line) => line['msg'] === 'fault at login')).toMatchObject({ level: 50 })
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Role } from '../../src/core/project.ts'
import { type ClientKey, Stage, type StageOptions, user } from '../ssh/stage.ts'

const anna = user(1, 'anna')
const developer: ReadonlyMap<number, Role> = new Map([[anna.id, 30]])

let stage: Stage
let key: ClientKey
let pids: number[] = []
let clients: ChildProcess[] = []
const note = (message: unknown): void => {
  if (typeof message === 'object' && message !== null && 'pid' in message) pids.push(Number(message.pid))
}
const open = async (options?: StageOptions): Promise<void> => {
  stage = await Stage.open(options)
  key = stage.keyFor(anna)
  await stage.project('group/project', { roles: developer })
  await stage.git(key, ['push', '-q', stage.url('group/project'), 'main'], {}, stage.workingCopy('copy', 10_000_000))
  pids = []
}
const reopen = async (limits: NonNullable<StageOptions['limits']>): Promise<void> => {
  await stage.close()
  await open({ limits })
}
beforeEach(async () => {
  subscribe('sallyport:spawn', note)
  await open()
})
afterEach(async () => {
  unsubscribe('sallyport:spawn', note)
  for (const client of clients) client.kill('SIGKILL')
  clients = []
  await stage.close()
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

interface Fetching {
  readonly client: ChildProcess
  readonly errors: () => string
}

/** A client that asks for everything, takes the first bytes of the pack, and then reads no more. */
const fetchHalf = async (): Promise<Fetching> => {
  const client = spawn('ssh', [...stage.sshArguments(key), "git-upload-pack 'group/project.git'"])
  clients.push(client)
  let errors = ''
  client.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const [advertisement] = await once(client.stdout, 'data')
  const id = advertisement.toString('latin1', 4, 44)
  const want = `want ${id}\n`
  client.stdin.write(`${(want.length + 4).toString(16).padStart(4, '0')}${want}00000009done\n`)
  await once(client.stdout, 'data')
  client.stdout.pause()
  return { client, errors: () => errors }
}

/** A client that starts a fetch and says nothing. */
const holdOpen = async (): Promise<Fetching> => {
  const client = spawn('ssh', [...stage.sshArguments(key), "git-upload-pack 'group/project.git'"])
  clients.push(client)
  let errors = ''
  client.stderr.on('data', (chunk) => {
    errors += chunk
  })
  await once(client.stdout, 'data')
  return { client, errors: () => errors }
}

const allGone = (): Promise<unknown> => expect.poll(() => pids.filter(isAlive), { timeout: 3000 }).toEqual([])

describe('a client that goes away', () => {
  test.each([
    ['in the middle of a clone', fetchHalf],
    ['before it asked for anything', holdOpen],
  ])('%s leaves no process behind', async (_name, begin) => {
    const { client } = await begin()
    expect(pids.filter(isAlive)).toHaveLength(1)
    client.kill('SIGKILL')
    await allGone()
    await expect.poll(() => stage.running.count).toBe(0)
    expect(await stage.lineWhere((line) => line['command'] === 'git-upload-pack')).toMatchObject({
      level: 40,
      'meta.refusal_reason': expect.any(String),
    })
    expect(stage.logged.filter((line) => line['level'] === 50)).toEqual([])
  })

  test('with half a push leaves no process behind either', async () => {
    const client = spawn('ssh', [...stage.sshArguments(key), "git-receive-pack 'group/project.git'"])
    clients.push(client)
    await once(client.stdout, 'data')
    client.stdin.write('00a0')
    client.kill('SIGKILL')
    await allGone()
    await stage.lineWhere((line) => line['command'] === 'git-receive-pack' && line['exit_code'] !== 0)
    expect(stage.logged.filter((line) => line['level'] === 50)).toEqual([])
  })
})

describe('a right that is withdrawn', () => {
  test('ends the transfer within a second or so, and the client is told', async () => {
    const { client, errors } = await fetchHalf()
    const ended = once(client, 'close')
    stage.keys.delete(key.fingerprint)
    stage.epoch += 1
    await allGone()
    client.stdout?.resume()
    const [code] = await ended
    expect(code).toBe(1)
    expect(errors()).toContain('remote: ERROR: Stopped: access was withdrawn.')
  })
})

describe('an orderly stop', () => {
  test('lets a transfer end, and takes nobody new', async () => {
    const { client } = await fetchHalf()
    const ended = once(client, 'exit')
    const stopped = stage.door?.stop(20_000)
    const late = connect(stage.port, '127.0.0.1')
    await expect(once(late, 'connect')).rejects.toThrow('ECONNREFUSED')
    client.stdout?.resume()
    expect(await ended).toEqual([0, null])
    await stopped
  })

  test('cuts off what still runs after the grace', async () => {
    await fetchHalf()
    await stage.door?.stop(100)
    await allGone()
  })

  test('closes connections that are idle at once', async () => {
    const idle = spawn('ssh', [...stage.sshArguments(key, ['-N', '-v'])])
    clients.push(idle)
    await new Promise<void>((resolve) => {
      idle.stderr.on('data', (chunk) => {
        if (String(chunk).includes('Entering interactive session')) resolve()
      })
    })
    const ended = once(idle, 'exit')
    await stage.door?.stop(20_000)
    await ended
  })
})

describe('limits of a connection', () => {
  const loggedIn = async (): Promise<ssh2.Client> => {
    const client = new ssh2.Client()
    client.on('error', () => {})
    client.connect({ host: '127.0.0.1', port: stage.port, username: 'git', privateKey: readFileSync(key.file) })
    await once(client, 'ready')
    return client
  }

  const upload = (client: ssh2.Client): Promise<ssh2.ClientChannel> =>
    new Promise((resolve, reject) => {
      client.exec("git-upload-pack 'group/project.git'", (error, channel) => (error ? reject(error) : resolve(channel)))
    })

  test('ten sessions at once and no more; one that ends makes room', async () => {
    const client = await loggedIn()
    const channels = await Promise.all(Array.from({ length: 10 }, () => upload(client)))
    await expect(upload(client)).rejects.toThrow('open failure')
    const first = channels[0]
    first?.resume()
    first?.end('0000')
    if (first) await once(first, 'close')
    const next = await upload(client)
    expect(next).toBeDefined()
    client.end()
    await allGone()
  })

  test('several fetches on one connection do not mix', async () => {
    const client = await loggedIn()
    const channels = await Promise.all([upload(client), upload(client)])
    const heads = await Promise.all(
      channels.map(async (channel) => {
        channel.end('0000')
        let text = ''
        for await (const chunk of channel) text += String(chunk)
        return text
      }),
    )
    expect(heads[0]).toMatch(/refs\/heads\/main\n0000$/)
    expect(heads[0]).toBe(heads[1])
    client.end()
  })

  test('a channel of which nothing is heard is closed', async () => {
    await reopen({ silence: 400 })
    const { client } = await holdOpen()
    await once(client, 'exit')
    await allGone()
    expect(await stage.lineWhere((line) => line['command'] === 'git-upload-pack')).toMatchObject({
      'meta.refusal_reason': expect.stringContaining('too long'),
    })
  })

  test('a connection with no command on it is closed', async () => {
    await reopen({ idle: 300 })
    const client = await loggedIn()
    await once(client, 'close')
  })
})

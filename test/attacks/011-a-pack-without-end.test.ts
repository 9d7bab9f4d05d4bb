/**
 * The attack: a push over SSH is declined by its refs, and the client goes on sending a pack for as long as it likes.
 * Nobody wanted those bytes, so nobody counted them; nor did anyone ask whether the sender was still let in at all.
 * What holds: no more is read than the largest push may hold, and for no longer than ten minutes; a withdrawal ends it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RefRule, Role } from '../../src/core/project.ts'
import { type ClientKey, Stage, user } from '../ssh/stage.ts'

const anna = user(1, 'anna')
const developer: ReadonlyMap<number, Role> = new Map([[anna.id, 30]])
const protectedMain: RefRule = {
  kind: 'branch',
  pattern: 'main',
  allowForcePush: false,
  levels: [{ kind: 'role', action: 'push', level: 40 }],
}

let stage: Stage
let key: ClientKey

beforeEach(async () => {
  stage = await Stage.open({ maxPush: 2 ** 20 })
  key = stage.keyFor(anna)
  await stage.project('group/project', { roles: developer, rules: [protectedMain] })
})
afterEach(() => stage.close())

const command = `${'0'.repeat(40)} ${'b'.repeat(40)} refs/heads/main\0 report-status`
const head = `${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A client that has sent the commands of a push and goes on with a pack that never ends. */
const attack = async (): Promise<{ client: ChildProcess; said: () => string }> => {
  const client = spawn('ssh', [...stage.sshArguments(key), "git-receive-pack 'group/project.git'"])
  let said = ''
  const hear = (chunk: Buffer): void => {
    said += chunk.toString('latin1')
  }
  client.stdout.on('data', hear)
  client.stderr.on('data', hear)
  client.stdin.on('error', () => {})
  while (!said.endsWith('0000')) await once(client.stdout, 'data')
  await until(() => stage.running.count === 0)
  client.stdin.write(head)
  await until(() => stage.running.count === 1)
  return { client, said: () => said }
}

test('it is read up to the largest push, and then answered', async () => {
  const { client, said } = await attack()
  const chunk = Buffer.alloc(2 ** 16)
  const pump = (): void => {
    while (client.stdin?.writable && client.stdin.write(chunk));
  }
  client.stdin?.on('drain', pump)
  pump()
  await once(client, 'close')
  expect(said()).toContain('ng refs/heads/main pre-receive hook declined')
  expect(await stage.lineWhere((line) => line['msg'] === 'refused')).toMatchObject({
    'meta.refusal_reason': 'branch_creation_denied',
  })
})

test('it is not read any more from one who lost access', async () => {
  const { client, said } = await attack()
  const timer = setInterval(() => client.stdin?.write('x'), 100)
  stage.projects.delete('group/project')
  stage.epoch += 1
  await once(client, 'close')
  clearInterval(timer)
  expect(said()).toContain('Stopped: access was withdrawn.')
})

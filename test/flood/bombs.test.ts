import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { RequestCheck } from '../../src/git/pkt-line.ts'
import { requestHead, sendRaw } from '../http/raw.ts'
import { GitStage, type StageOptions } from '../support/git-stage.ts'
import { bombPack } from './delta-bomb.ts'

const packet = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text

let stage: GitStage
let token: string
const open = async (options: StageOptions = {}): Promise<string> => {
  stage = await GitStage.open(options)
  const ada = stage.user('ada')
  token = stage.token(ada)
  const { id } = await stage.project('castle/gate', { roles: new Map([[ada.id, 40]]) })
  return stage.repositories.directoryOf(id)
}
afterEach(() => stage?.close())

const post = (service: 'upload' | 'receive', body: Buffer, more: readonly string[] = []) => {
  const head = requestHead(`POST /castle/gate.git/git-${service}-pack`, [
    `Content-Type: application/x-git-${service}-pack-request`,
    `Authorization: Basic ${Buffer.from(`x:${token}`).toString('base64')}`,
    `Content-Length: ${body.length}`,
    ...more,
  ])
  return sendRaw(stage.port, Buffer.concat([Buffer.from(head), body]))
}

test.each(['0000', '0004', '0005x'])('a request of more packets (%s) than any client sends is none', (one) => {
  const check = new RequestCheck()
  check.check(Buffer.alloc(one.length * 1_500_000, one))
  expect(() => check.check(Buffer.from(one))).toThrow('a request holds at most 1500000 packets')
})

test('a pack of differences that would be unpacked for hours is given up, and leaves nothing behind', async () => {
  const directory = await open({ unpackLimit: 500 })
  const pack = bombPack(4_000)
  expect(pack.length).toBeLessThan(400_000)
  const command = packet(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status`)
  const answer = await post('receive', Buffer.concat([Buffer.from(`${command}0000`), pack]))
  expect(answer.body).toContain('unpack index-pack abnormal exit')
  expect(answer.body).toContain('ng refs/heads/x')
  const left = await readdir(join(directory, 'objects'))
  expect(left.filter((name) => name.startsWith('tmp_objdir'))).toEqual([])
  const copy = await stage.workingCopy('copy')
  await stage.mustGit(['push', '-q', stage.remote('castle/gate', token), 'main'], copy)
})

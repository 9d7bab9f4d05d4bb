import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Queued } from '../../src/git/git-engine.ts'
import { requestHead, sendRaw } from '../http/raw.ts'
import { GitStage } from '../support/git-stage.ts'

const packet = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text

let stage: GitStage
let queue: Queued
let token: string
let wish: string
const open: Socket[] = []

beforeEach(async () => {
  stage = await GitStage.open({
    env: { SALLYPORT_TRUSTED_PROXIES: '127.0.0.1' },
    places: { running: 8, waiting: 8, patience: 60_000 },
    engine: (made) => {
      queue = made
      return made
    },
  })
  const ada = stage.user('ada')
  token = stage.token(ada)
  await stage.project('castle/gate', { facts: { visibility: 'public' }, roles: new Map([[ada.id, 40]]) })
  const copy = await stage.workingCopy('copy')
  await stage.mustGit(['push', '-q', stage.remote('castle/gate', token), 'main'], copy)
  wish = packet(`want ${await stage.mustGit(['rev-parse', 'HEAD'], copy)}\n`)
  stage.spawns.length = 0
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  await stage.close()
})

const head = (length: number, headers: readonly string[]): string =>
  requestHead('POST /castle/gate.git/git-upload-pack', [
    'Content-Type: application/x-git-upload-pack-request',
    `Content-Length: ${length}`,
    ...headers,
  ])

const from = (address: string): string => `X-Forwarded-For: ${address}`

/** Says more wishes than are held, and not the last: git is started, and waits for it. */
const stall = (address: string): void => {
  const socket = connect(stage.port, '127.0.0.1')
  socket.on('error', () => {})
  const wishes = wish.repeat(90_000)
  socket.write(head(wishes.length + 4, [from(address)]) + wishes)
  open.push(socket)
}

const fetchBy = (...headers: string[]) => {
  const body = `${wish}0000${packet('done\n')}`
  return sendRaw(stage.port, head(body.length, headers) + body)
}

test('one address that holds git keeps neither other strangers nor those who log in from git', { timeout: 120_000 }, async () => {
  for (let at = 0; at < 4; at += 1) stall('192.0.2.1')
  await expect.poll(() => stage.spawns.length, { timeout: 60_000 }).toBe(2)
  // Two of them wait, which is as many as may.
  await expect.poll(() => queue.waiting, { timeout: 60_000 }).toBe(2)
  const fifth = await fetchBy(from('192.0.2.1'))
  expect([fifth.status, fifth.body]).toEqual([503, 'The server is busy. Try again in a few seconds.'])
  expect(fifth.headers).toContain('Retry-After: 5')
  expect((await fetchBy(from('192.0.2.2'))).status).toBe(200)
  const credential = `Authorization: Basic ${Buffer.from(`x:${token}`).toString('base64')}`
  expect((await fetchBy(from('192.0.2.1'), credential)).status).toBe(200)
  expect(stage.spawns).toHaveLength(4)
})

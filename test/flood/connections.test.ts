import { once } from 'node:events'
import { request } from 'node:http'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ConnectionRoom } from '../../src/connections.ts'
import { connectionsWithin } from '../../src/start/descriptors.ts'
import { requestHead, sendRaw } from '../http/raw.ts'
import { GitStage } from '../support/git-stage.ts'

let stage: GitStage
afterEach(() => stage?.close())

/** A push whose pack does not come, with git waiting for it. */
const beginPush = async () => {
  const developer = stage.user('ada')
  await stage.project('castle/gate', { roles: new Map([[developer.id, 30]]) })
  const pushing = request(`${stage.url}/castle/gate.git/git-receive-pack`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-git-receive-pack-request',
      Authorization: `Basic ${Buffer.from(`x:${stage.token(developer)}`).toString('base64')}`,
    },
  })
  pushing.on('error', () => {})
  const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status`
  pushing.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`)
  await expect.poll(() => stage.spawns.length, { timeout: 20_000 }).toBe(1)
  return pushing
}

describe('a door that is full', () => {
  test('answers 503 where something runs on every connection, and lets it run on', async () => {
    stage = await GitStage.open({ env: { SALLYPORT_CONNECTIONS: '1' } })
    const pushing = await beginPush()
    const { status, headers, body } = await sendRaw(stage.port, requestHead('GET /-/health', []))
    expect([status, body]).toEqual([503, 'The server is busy. Try again in a few seconds.'])
    expect(headers).toContain('Retry-After: 5')
    await stage.lineWhere((line) => line['meta.refusal_reason'] === 'too_many_connections')
    const answered = once(pushing, 'response')
    pushing.end('no pack')
    expect((await answered)[0].statusCode).toBe(200)
  })
})

test('connections leave descriptors for git and files', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n'
  expect(connectionsWithin(4_096, limits)).toBe(768)
  expect(connectionsWithin(100, limits)).toBe(100)
  expect(connectionsWithin(4_096, undefined)).toBeLessThanOrEqual(4_096)
})

/** A socket that is said to come from somewhere. */
const socketFrom = (address: string): Socket => Object.defineProperty(new Socket(), 'remoteAddress', { value: address })

test('whatever comes and goes: never more than the most, and what runs stays', () => {
  const step = fc.tuple(fc.constantFrom('come', 'begin', 'end', 'go'), fc.nat(20), fc.constantFrom('a', 'b', 'c'))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (steps, most) => {
      const room = new ConnectionRoom(most)
      const open: { socket: Socket; running: number }[] = []
      const acts = {
        come: (_: number, from: string) => {
          const couldGiveWay = open.length < most || open.some(({ running }) => running === 0)
          expect(room.makeRoom()).toBe(couldGiveWay)
          const stay = open.filter(({ socket }) => !socket.destroyed)
          expect(open.filter(({ socket, running }) => socket.destroyed && running > 0)).toEqual([])
          open.splice(0, open.length, ...stay)
          if (!couldGiveWay) return
          const socket = socketFrom(from)
          room.take(socket, 'http')
          open.push({ socket, running: 0 })
        },
        begin: (at: number) => {
          const one = open[at % open.length]
          if (one === undefined) return
          room.began(one.socket)
          one.running += 1
        },
        end: (at: number) => {
          const one = open[at % open.length]
          if (one === undefined || one.running === 0) return
          room.ended(one.socket)
          one.running -= 1
        },
        go: (at: number) => {
          const [one] = open.splice(at % Math.max(1, open.length), 1)
          one?.socket.emit('close')
        },
      }
      for (const [act, at, from] of steps) {
        acts[act](at, from)
        expect(open.length).toBeLessThanOrEqual(most)
        expect(room.traffic('http').open).toBeGreaterThanOrEqual(open.length)
      }
    }),
    { numRuns: 200 },
  )
})

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createDeflate, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectFacts } from '../../src/core/project.ts'
import { busyEngine } from '../support/busy-engine.ts'
import { GitStage } from '../support/git-stage.ts'
import { requestHead, sendRaw } from './raw.ts'

const packet = (text: string) => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
const zeros = '0'.repeat(40)
const ones = '1'.repeat(40)
const upload = 'Content-Type: application/x-git-upload-pack-request'
const receive = 'Content-Type: application/x-git-receive-pack-request'
const basic = (secret: string) => `Authorization: Basic ${Buffer.from(`x:${secret}`).toString('base64')}`

interface Set {
  readonly stage: GitStage
  readonly token: string
  readonly facts: ProjectFacts
}

const open = async (options: Parameters<typeof GitStage.open>[0]): Promise<Set> => {
  const stage = await GitStage.open(options)
  const developer = stage.user('ada')
  const facts = await stage.project('castle/gate', { roles: new Map([[developer.id, 30]]) })
  return { stage, token: stage.token(developer), facts }
}

const post = ({ stage, token }: Set, service: 'upload' | 'receive', body: Buffer | string, more: readonly string[] = []) => {
  const bytes = Buffer.from(body)
  const type = service === 'upload' ? upload : receive
  const head = requestHead(`POST /castle/gate.git/git-${service}-pack`, [
    type,
    basic(token),
    `Content-Length: ${bytes.length}`,
    ...more,
  ])
  return sendRaw(stage.port, Buffer.concat([Buffer.from(head), bytes]))
}

describe('where too many processes of git run', () => {
  let set: Set
  beforeAll(async () => {
    set = await open({ engine: busyEngine })
  })
  afterAll(() => set.stage.close())

  const command = packet(`${zeros} ${ones} refs/heads/x\0report-status`)
  test.each<[string, () => ReturnType<typeof post>]>([
    [
      'info/refs',
      () => sendRaw(set.stage.port, requestHead('GET /castle/gate.git/info/refs?service=git-upload-pack', [basic(set.token)])),
    ],
    ['a fetch', () => post(set, 'upload', `${packet(`want ${ones}\n`)}0000`)],
    ['a push', () => post(set, 'receive', `${command}0000PACK`)],
  ])('%s is told to come again', async (_what, ask) => {
    set.stage.logged.length = 0
    const answer = await ask()
    expect([answer.status, answer.body]).toEqual([503, 'The server is busy. Try again in a few seconds.'])
    expect(answer.headers).toContain('Retry-After: 5')
    expect(answer.headers).toContain('Content-Type: text/plain')
    const line = await set.stage.lineWhere((entry) => entry['status'] === 503)
    expect(line).toMatchObject({ level: 40, 'meta.refusal_reason': 'git_busy', 'meta.project': 'castle/gate' })
  })
})

describe('a request within bounds of time and size', () => {
  let set: Set
  beforeAll(async () => {
    set = await open({ env: { SALLYPORT_MAX_PUSH: '8MiB' }, limits: { fetchBody: 200 } })
  })
  afterAll(() => set.stage.close())

  test('a fetch whose body does not come is broken off', async () => {
    const head = requestHead('POST /castle/gate.git/git-upload-pack', [upload, basic(set.token), 'Content-Length: 100'])
    await sendRaw(set.stage.port, head)
    const line = await set.stage.lineWhere((entry) => entry['meta.refusal_reason'] === 'body_too_slow')
    expect(line).toMatchObject({ status: 499 })
    expect(set.stage.running.count).toBe(0)
  })

  const optioned = (capability: string, options: string) =>
    `${packet(`${zeros} ${ones} refs/heads/x\0report-status ${capability}`)}0000${options}`

  test.each<[string, string, RegExp]>([
    ['too many', optioned('push-options', packet('x'.repeat(60_000)).repeat(20)), /options of the push are larger/],
    ['none', optioned('push-options', 'zzzz'), /four hexadecimal digits/],
    ['no end', optioned('push-options', packet('ci.skip')), /ended before its options did/],
    ['another delimiter', optioned('push-options', '0001'), /end with a flush packet/],
    ['a capability that git would also understand', optioned('push-options=1', packet('x')), /without a value/],
    ['one behind a tab', optioned('x\tpush-options', packet('x')), /without a value/],
  ])('push options: %s', async (_what, body, words) => {
    const before = set.stage.spawns.length
    for (const [bytes, more] of [
      [body, []],
      [gzipSync(body), ['Content-Encoding: gzip']],
    ] as const) {
      const answer = await post(set, 'receive', bytes, more)
      expect([answer.status, answer.body]).toEqual([400, expect.stringMatching(words)])
    }
    expect(set.stage.spawns).toHaveLength(before)
  })

  /** One object of that many zero bytes, as a pack of little more than a thousandth. */
  const packOfZeros = async (type: number, size: number): Promise<Buffer> => {
    const header: number[] = [(type << 4) | (size & 15)]
    for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
      header.push((header.pop() ?? 0) | 128, rest & 127)
    }
    const deflate = createDeflate({ level: 1 })
    const chunks: Buffer[] = []
    deflate.on('data', (chunk: Buffer) => chunks.push(chunk))
    const block = Buffer.alloc(2 ** 20)
    for (let left = size; left > 0; left -= block.length) {
      if (!deflate.write(block.subarray(0, Math.min(left, block.length)))) await once(deflate, 'drain')
    }
    deflate.end()
    await once(deflate, 'end')
    const start = Buffer.from('PACK\0\0\0\x02\0\0\0\x01', 'latin1')
    const pack = Buffer.concat([start, Buffer.from(header), ...chunks])
    return Buffer.concat([pack, createHash('sha1').update(pack).digest()])
  }

  const pushOf = (pack: Buffer) => {
    const command = packet(`${zeros} ${ones} refs/heads/x\0report-status side-band-64k`)
    return post(set, 'receive', Buffer.concat([Buffer.from(`${command}0000`), pack]))
  }

  test('a small pack with one huge tree is not inflated', async () => {
    const answer = await pushOf(await packOfZeros(2, 600 * 2 ** 20))
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('fatal: attempting to allocate 629145601 over limit')
    expect(answer.body).toContain('ng refs/heads/x unpacker error')
  })

  test('a file of that size is taken, straight to disk', async () => {
    const answer = await pushOf(await packOfZeros(3, 600 * 2 ** 20))
    // The one object is there; it is not the commit that the command names.
    expect(answer.body).toContain('unpack ok')
  })
})

import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { PassThrough, type Writable } from 'node:stream'
import ssh2, { type ServerChannel } from 'ssh2'
import { afterEach, describe, expect, test } from 'vitest'
import type { Ends } from '../../src/git/engine.ts'
import { makeChannelWriter } from '../../src/ssh/channel-writer.ts'
import { Stage, user } from './stage.ts'

const anna = user(1, 'anna')
let stage: Stage | undefined
afterEach(() => stage?.close())

const write = (stream: Writable, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())))

interface Conversation {
  readonly channel: ssh2.ClientChannel
  readonly output: Buffer[]
  readonly errors: Buffer[]
  /** The exit status, once the channel is closed. */
  readonly ended: Promise<unknown>
}

const collect = (stream: NodeJS.ReadableStream): Buffer[] => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return chunks
}

/** Listens at once: everything may come with one packet of the network. */
const listen = (channel: ssh2.ClientChannel): Conversation => ({
  channel,
  output: collect(channel),
  errors: collect(channel.stderr),
  ended: Promise.all([once(channel, 'exit'), once(channel, 'close')]).then(([[code]]) => code),
})

/** A door whose fetch is this conversation, and a client that has asked for it. */
const converse = async (talk: (ends: Ends) => Promise<void>): Promise<Conversation> => {
  stage = await Stage.open({
    engine: (engine) => ({
      knownAdvertisement: (...given) => engine.knownAdvertisement(...given),
      answerFetch: (...given) => engine.answerFetch(...given),
      advertise: (...given) => engine.advertise(...given),
      uploadArchive: (...given) => engine.uploadArchive(...given),
      receivePack: (...given) => engine.receivePack(...given),
      uploadPack: async (_admission, _mode, _protocol, ends) => {
        await talk(ends)
        return { kind: 'exited', code: 7 }
      },
    }),
  })
  await stage.project('group/project', { roles: new Map([[anna.id, 30]]) })
  const key = stage.keyFor(anna)
  const client = new ssh2.Client()
  client.connect({ host: '127.0.0.1', port: stage.port, username: 'git', privateKey: readFileSync(key.file) })
  await once(client, 'ready')
  return new Promise((resolve, reject) => {
    client.exec("git-upload-pack 'group/project'", (error, channel) => (error ? reject(error) : resolve(listen(channel))))
  })
}

const filled = (mebibytes: number, letter: string): Buffer => Buffer.alloc(mebibytes * 2 ** 20, letter)

describe('output and errors of one channel', () => {
  test('arrive whole and once, though each stalls in turn, and the exit status behind them', async () => {
    const { output, errors, ended } = await converse(async (ends) => {
      await write(ends.output, filled(5, 'a'))
      if (ends.errors) await write(ends.errors, filled(5, 'b'))
      await write(ends.output, filled(5, 'c'))
    })
    expect(await ended).toBe(7)
    expect(Buffer.concat(output).equals(Buffer.concat([filled(5, 'a'), filled(5, 'c')]))).toBe(true)
    expect(Buffer.concat(errors).equals(filled(5, 'b'))).toBe(true)
  })

  test('arrive whole where both are written at once', async () => {
    const { output, errors, ended } = await converse(async (ends) => {
      if (ends.errors) await Promise.all([write(ends.output, filled(6, 'a')), write(ends.errors, filled(6, 'b'))])
    })
    expect(await ended).toBe(7)
    expect(Buffer.concat(output).equals(filled(6, 'a'))).toBe(true)
    expect(Buffer.concat(errors).equals(filled(6, 'b'))).toBe(true)
  })

  test('that are ended by their writer do not end the channel before its exit status', async () => {
    const { output, ended } = await converse(async (ends) => {
      ends.output.end('last words')
      ends.errors?.end()
      ends.input.destroy()
    })
    expect(await ended).toBe(7)
    expect(Buffer.concat(output).toString()).toBe('last words')
  })

  test('input reaches its reader whole, at the pace of the reader', async () => {
    const chunks: Buffer[] = []
    const { channel, ended } = await converse(async ({ input }) => {
      for await (const chunk of input) {
        chunks.push(chunk)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    channel.end(filled(7, 'x'))
    expect(await ended).toBe(7)
    expect(Buffer.concat(chunks).equals(filled(7, 'x'))).toBe(true)
  })
})

describe('a slow connection', () => {
  test('is waited for, since its backlog would lie in our memory', async () => {
    const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() }) as unknown as ServerChannel
    const news = new EventEmitter()
    const wire = { writableLength: 2 ** 21, onceDrained: (callback: () => void) => void news.once('drain', callback) }
    const writer = makeChannelWriter(channel, wire)
    const taken: string[] = []
    writer.output(Buffer.from('one'), () => taken.push('one'))
    writer.errors(Buffer.from('two'), () => taken.push('two'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toEqual([])
    wire.writableLength = 0
    news.emit('drain')
    await writer.idle()
    expect(taken).toEqual(['one', 'two'])
  })
})

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Ends } from '../../src/git/engine.ts'
import { algorithms } from '../../src/ssh/algorithms.ts'
import { type ClientKey, Stage, user } from '../ssh/stage.ts'

const anna = user(1, 'anna')
const command = "git-upload-pack 'group/project'"
let talk: (ends: Ends, signal: AbortSignal) => Promise<void> = async () => {}
let stage: Stage
let key: ClientKey

/** A door whose fetch is whatever `talk` says. */
beforeEach(async () => {
  stage = await Stage.open({
    engine: (engine) =>
      Object.assign(Object.create(engine), {
        uploadPack: async (...[, , , ends, signal]: Parameters<typeof engine.uploadPack>) => {
          await talk(ends, signal)
          return signal.aborted ? { kind: 'aborted', reason: 'gone' } : { kind: 'exited', code: 7 }
        },
      }),
  })
  key = stage.keyFor(anna)
  await stage.project('group/project', { roles: new Map([[anna.id, 30]]) })
})
afterEach(() => stage.close())

const write = (stream: Writable, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())))

/** Text in which every line differs, so that nothing can change places unseen. */
const lines = (mebibytes: number): string => {
  let text = ''
  for (let line = 0; text.length < mebibytes * 2 ** 20; line += 1) text += `${line.toString(36)}-${(line * 7919) % 99991}\n`
  return text
}

const inPieces = async (stream: Writable, text: string, size: number): Promise<void> => {
  for (let start = 0; start < text.length; start += size) await write(stream, Buffer.from(text.slice(start, start + size)))
}

describe('a large answer', () => {
  test.each(algorithms.cipher)('arrives whole by %s, with new keys on the way', async (cipher) => {
    const text = lines(4)
    talk = ({ output }) => inPieces(output, text, 100_003)
    const ran = await stage.ssh(key, [command], ['-c', cipher, '-o', 'RekeyLimit=1M', '-o', 'LogLevel=ERROR'])
    expect(ran).toMatchObject({ code: 7, stderr: '' })
    expect(ran.stdout === text).toBe(true)
  })

  test('that somebody else holds too is theirs afterwards', async () => {
    const held = Buffer.from(lines(1))
    const copy = Buffer.from(held)
    talk = async ({ output }) => {
      await write(output, held)
      await write(output, held)
    }
    expect((await stage.ssh(key, [command])).stdout === `${copy}${copy}`).toBe(true)
    expect(held.equals(copy)).toBe(true)
  })

  test('ends with its client, and others are served on', async () => {
    let ended: (() => void) | undefined
    const over = new Promise<void>((resolve) => {
      ended = resolve
    })
    talk = async ({ output }, signal) => {
      while (!signal.aborted) {
        const gone = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        await Promise.race([write(output, Buffer.alloc(200_000, 'x')), gone])
      }
      ended?.()
    }
    const client = await connected()
    const channel = await opened(client)
    await once(channel, 'data')
    client.destroy()
    await over
    expect((await stage.ssh(key, [])).stdout).toContain('@anna')
  })
})

/** The parts of ssh2's client by which a test announces a window and packets of its own choice. */
interface Announcing {
  _protocol: {
    session(channel: number, window: number, packet: number): void
    channelWindowAdjust(channel: number, amount: number): void
  }
}

const connected = async (): Promise<ssh2.Client & Announcing> => {
  const client = new ssh2.Client()
  client.on('error', () => {})
  client.connect({ host: '127.0.0.1', port: stage.port, username: 'git', privateKey: readFileSync(key.file) })
  await once(client, 'ready')
  client.setNoDelay()
  return client as ssh2.Client & Announcing
}

const opened = (client: ssh2.Client): Promise<ssh2.ClientChannel> =>
  new Promise((resolve, reject) => client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))))

/** Announces these sizes for the next session; answers what the client may still be sent, whoever of us allows it. */
const announce = ({ _protocol: protocol }: Announcing, window: number, packet: number): { open: number } => {
  const allowed = { open: window }
  const session = protocol.session.bind(protocol)
  protocol.session = (channel) => session(channel, window, packet)
  const adjust = protocol.channelWindowAdjust.bind(protocol)
  protocol.channelWindowAdjust = (channel, amount) => {
    allowed.open += amount
    adjust(channel, amount)
  }
  return allowed
}

const collect = (stream: NodeJS.ReadableStream, onChunk: (chunk: Buffer) => void): Buffer[] => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    onChunk(chunk)
  })
  return chunks
}

describe('what a client announces', () => {
  test.each([
    ['a byte', 1, 32_768, 200],
    ['little', 70_000, 1_024, 500_000],
    ['4 GiB', 2 ** 32 - 1, 2 ** 32 - 1, 5_000_000],
  ])('a window of %s is kept to, and output and errors come in order', async (_name, window, packet, size) => {
    const [output, errors] = [Buffer.alloc(size, 'abcdefg'), Buffer.alloc(size, 'hijklmnopqr')]
    talk = async (ends) => {
      await write(ends.output, output)
      if (ends.errors) await write(ends.errors, errors)
      await write(ends.output, output)
    }
    const client = await connected()
    const allowed = announce(client, window, packet)
    const channel = await opened(client)
    const faults: string[] = []
    const take = ({ length }: Buffer): void => {
      allowed.open -= length
      if (allowed.open < 0 || length > packet) faults.push(`${length} bytes came, ${allowed.open} too few were allowed`)
      if (allowed.open === 0) client._protocol.channelWindowAdjust(0, window)
    }
    const [told, complained] = [collect(channel, take), collect(channel.stderr, take)]
    const [[code]] = await Promise.all([once(channel, 'exit'), once(channel, 'close')])
    expect(code).toBe(7)
    expect(faults).toEqual([])
    expect(Buffer.concat(told).equals(Buffer.concat([output, output]))).toBe(true)
    expect(Buffer.concat(complained).equals(errors)).toBe(true)
    client.end()
  })

  test.each([0, 1, 255])('packets of %i bytes end the connection: they would cost us more than the client', async (packet) => {
    const client = await connected()
    announce(client, 2 ** 20, packet)
    const closed = once(client, 'close')
    client.exec(command, () => {})
    await closed
    expect((await stage.ssh(key, [])).stdout).toContain('@anna')
  })
})

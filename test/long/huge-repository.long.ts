import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { memoryOf, peakWhile } from './memory.ts'

const mebibyte = 2 ** 20

/** Larger than what a process of Node could hold by accident. */
const files = 6
const fileSize = 400 * mebibyte

let scene: Scene
let directory: string
let idle: number

function* noise(size: number): Generator<Buffer> {
  for (let made = 0; made < size; made += mebibyte) yield randomBytes(mebibyte)
}

beforeAll(async () => {
  scene = await Scene.open({ env: { SALLYPORT_MAX_PUSH: '8GiB' } })
  await scene.project('huge')
  directory = await scene.client.repository('huge')
  for (let index = 0; index < files; index += 1) {
    await pipeline(Readable.from(noise(fileSize)), createWriteStream(join(directory, `noise-${index}`)))
  }
  await scene.client.git(['-c', 'core.compression=0', '-c', 'core.bigFileThreshold=1m', 'add', '.'], { cwd: directory })
  await scene.client.git(['commit', '-q', '-m', 'noise'], { cwd: directory })
  idle = await memoryOf(scene.server.process.pid ?? 0)
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const settings = ['-c', 'core.compression=0', '-c', 'pack.compression=0', '-c', 'core.bigFileThreshold=1m', '-c', 'pack.window=0']

/** A transfer of 2.4 GB may cost the server this much more than idling, whatever its size. */
const allowance = 150 * mebibyte

describe('2.4 GB in constant memory', () => {
  test.each(['http', 'ssh'])('over %s: push, then clone', async (door) => {
    const { token, key } = scene.who('maintainer')
    const url = door === 'http' ? scene.client.url('castle/huge', 'x', token) : scene.client.sshUrl('castle/huge')
    const pid = scene.server.process.pid ?? 0
    const done = async (arguments_: string[]) => {
      const { code, stderr } = await scene.client.git([...settings, ...arguments_], { cwd: directory, key })
      if (code !== 0) throw new Error(stderr)
    }
    const pushing = await peakWhile(pid, () => done(['push', '-q', url, `HEAD:refs/heads/${door}-noise`]))
    const cloning = await peakWhile(pid, () =>
      done(['clone', '-q', '--bare', url, join(scene.client.directory, `clone-${door}`)]),
    )
    console.log(door, { idle: idle / mebibyte, pushing: pushing / mebibyte, cloning: cloning / mebibyte })
    expect(pushing).toBeLessThan(idle + allowance)
    expect(cloning).toBeLessThan(idle + allowance)
  })
})

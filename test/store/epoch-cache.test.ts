import { beforeEach, describe, expect, test } from 'vitest'
import { type Memory, rememberUnder } from '../../src/store/epoch-cache.ts'

let epoch: number
let memory: Memory<string | undefined>
let reads: number
beforeEach(() => {
  epoch = 1
  reads = 0
  memory = rememberUnder(() => epoch)()
})

const reading = (answer: string | undefined) => async () => {
  reads += 1
  return answer
}

describe('an answer', () => {
  test('is read once while the epoch stands, and again after it was raised', async () => {
    expect(await memory.of('key', reading('old'))).toBe('old')
    expect(await memory.of('key', reading('new'))).toBe('old')
    epoch += 1
    expect(await memory.of('key', reading('new'))).toBe('new')
    expect(reads).toBe(2)
  })

  test('is another one under another key', async () => {
    await memory.of('key', reading('one'))
    expect(await memory.of('other', reading('two'))).toBe('two')
  })

  test('that nothing was found is asked for each time', async () => {
    expect(await memory.of('key', reading(undefined))).toBeUndefined()
    expect(await memory.of('key', reading('made'))).toBe('made')
  })

  test('that is not to be kept is read each time', async () => {
    await memory.of('key', reading('hidden'), () => false)
    expect(await memory.of('key', reading('shown'))).toBe('shown')
  })

  test('that could not be read is read again', async () => {
    const failing = memory.of('key', () => Promise.reject(new Error('the disk is gone')))
    await expect(failing).rejects.toThrow('the disk is gone')
    expect(await memory.of('key', reading('found'))).toBe('found')
  })

  test('goes where ten thousand others were asked for since', async () => {
    await memory.of('key', reading('old'))
    for (let index = 0; index < 10_000; index += 1) await memory.of(`other ${index}`, reading('x'))
    expect(await memory.of('key', reading('new'))).toBe('new')
  })

  test('stays where ten thousand others were not found', async () => {
    await memory.of('key', reading('old'))
    for (let index = 0; index < 10_000; index += 1) await memory.of(`guess ${index}`, reading(undefined))
    expect(await memory.of('key', reading('new'))).toBe('old')
  })
})

describe('a reading under way', () => {
  const slow = () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    return { read: () => promise, resolve }
  }

  test('is shared by those who ask for the same', async () => {
    const { read, resolve } = slow()
    const first = memory.of('key', read)
    const second = memory.of('key', reading('another'))
    resolve('shared')
    expect(await Promise.all([first, second])).toEqual(['shared', 'shared'])
    expect(reads).toBe(0)
  })

  test('is not kept under an epoch that was raised meanwhile', async () => {
    const { read, resolve } = slow()
    const first = memory.of('key', read)
    epoch += 1
    // Somebody asks for something else, so that the memory has seen the new epoch before the reading ends.
    await memory.of('other', reading('x'))
    resolve('old')
    expect(await first).toBe('old')
    expect(await memory.of('key', reading('new'))).toBe('new')
  })

  test('is not shared with one who asks after the epoch was raised', async () => {
    const { read, resolve } = slow()
    const first = memory.of('key', read)
    epoch += 1
    expect(await memory.of('key', reading('new'))).toBe('new')
    resolve('old')
    await first
    expect(await memory.of('key', reading('newer'))).toBe('new')
  })

  test('that ends before anybody saw the raised epoch is not given to the next', async () => {
    const { read, resolve } = slow()
    const first = memory.of('key', read)
    epoch += 1
    resolve('old')
    await first
    expect(await memory.of('key', reading('new'))).toBe('new')
  })
})

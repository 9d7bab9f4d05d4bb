import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { fillPool } from './object-pool.ts'
import { answered, noPackets, notUnderstood } from './odd-requests.ts'
import { oddRequest, saysAsGit } from './odd-words.ts'
import { theGround } from './one-ground.ts'
import type { ProvingGround, Worker } from './proving-ground.ts'
import { writeRefs } from './random-refs.ts'
import { answerTo, conversation } from './stock-git.ts'

/** What a client is told where git stops at a fault of its own (`BUG`): 128 and the number of SIGABRT. */
const aborted = 134

describe('odd requests', () => {
  let ground: ProvingGround
  let place: Awaited<ReturnType<ProvingGround['project']>>

  const theWorker = (): Worker => {
    const [worker] = ground.workers
    if (worker === undefined) throw new Error('there is no worker')
    return worker
  }

  beforeAll(async () => {
    ground = await theGround()
    place = await ground.project('odd')
    const refs = [
      { name: 'refs/heads/main', place: 'loose', object: 1, target: '' },
      { name: 'refs/tags/t', place: 'packed', object: 7, target: '' },
    ] as const
    writeRefs(place.directory, fillPool(place.directory), {
      refs,
      head: { kind: 'branch', name: 'refs/heads/main' },
      header: 'full',
    })
  })

  const overHttp = async (body: Buffer) => {
    const { status, body: text } = await theWorker().http.uploadPack(place.path, body)
    return [status, text.toString()]
  }

  /** All requests of a table at a time, so that what differs is seen at once. */
  const eachOf = async <Value>(table: Readonly<Record<string, Value>>, answer: (value: Value) => Promise<unknown>) => {
    const rows: [string, unknown][] = []
    for (const [name, value] of Object.entries(table)) rows.push([name, await answer(value)])
    return Object.fromEntries(rows)
  }

  test('what git answers, it answers over HTTP', async () => {
    const expected = await eachOf(answered, async (body) => [200, (await answerTo(place.directory, body)).output.toString()])
    expect(await eachOf(answered, overHttp)).toEqual(expected)
  })

  test('what git does not understand is a bad request', async () => {
    const refused = [400, 'The request is not one that git understands.']
    expect(await eachOf(notUnderstood, overHttp)).toEqual(await eachOf(notUnderstood, async () => refused))
  })

  test('what is no packet is one as well, with the reason', async () => {
    const expected = await eachOf(noPackets, async ([, reason]) => [400, `The body is malformed: ${reason}.`])
    expect(await eachOf(noPackets, ([body]) => overHttp(body))).toEqual(expected)
  })

  test('over SSH each of them is answered as by git', async () => {
    const bodies = { ...answered, ...notUnderstood, ...(await eachOf(noPackets, async ([body]) => body)) } as Record<
      string,
      Buffer
    >
    const told = await eachOf(bodies, async (body) => {
      const { code, output, errors } = await theWorker().ssh.uploadPack(place.path, body, 'version=2')
      return [code, output.toString(), errors]
    })
    const direct = await eachOf(bodies, async (body) => {
      const { code, output, errors } = await conversation(place.directory, body, 'version=2')
      return [code ?? aborted, output.toString(), errors]
    })
    expect(told).toEqual(direct)
  })

  test('packets in any order are answered as by git', async () => {
    await fc.assert(
      fc.asyncProperty(oddRequest, (body) => saysAsGit(theWorker(), place, body)),
      { numRuns: 40 },
    )
  })

  test('none of this is a fault of the server', () => {
    expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
  })
})

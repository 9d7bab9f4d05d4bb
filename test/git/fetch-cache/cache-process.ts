import { spawn } from 'node:child_process'
import { makeFetchCache } from '../../../src/git/fetch-cache/fetch-cache.ts'
import type { Served } from '../../../src/git/fetch-cache/serving.ts'
import { Collected, keyOf, StepwiseMaking, silent } from './case.ts'

/** What a test tells a process of its own, which has a cache on the folder that is its argument. */
export type Order =
  | { readonly kind: 'ask'; readonly clients: number }
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'finish' }
  /** To have a program write, which says nothing and does not end. */
  | { readonly kind: 'delegate' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'report' }

/** What it tells back. */
export type News =
  | { readonly kind: 'ready' }
  | { readonly kind: 'making' }
  | { readonly kind: 'written' }
  | { readonly kind: 'delegated'; readonly pid: number }
  | { readonly kind: 'served'; readonly served: Served; readonly text: string }
  | { readonly kind: 'report'; readonly texts: readonly string[]; readonly makes: number; readonly stopped: boolean }

const directory = process.argv[2]
if (process.send === undefined || directory === undefined) throw new Error('this is a process of a test')
const tell = (news: News): void => void process.send?.(news)

const cache = makeFetchCache({ directory, limit: 2 ** 30, clock: Date.now, log: silent })
const slow = new StepwiseMaking()
const clients: Collected[] = []

const ask = async (): Promise<void> => {
  const client = new Collected()
  clients.push(client)
  const served = await client.ask(
    cache,
    (file, stop) => {
      tell({ kind: 'making' })
      return slow.make(file, stop)
    },
    keyOf(),
  )
  tell({ kind: 'served', served, text: client.text })
}

const delegate = async (): Promise<void> => {
  const file = await slow.file.promise
  const { pid } = spawn('sleep', ['600'], { detached: true, stdio: ['ignore', file.descriptor, 'ignore'] })
  if (pid === undefined) throw new Error('nothing was started')
  await file.writtenBy(pid)
  tell({ kind: 'delegated', pid })
}

const obey = async (order: Order): Promise<void> => {
  switch (order.kind) {
    case 'ask':
      for (let count = 0; count < order.clients; count += 1) void ask()
      return
    case 'write':
      await slow.write(order.text)
      return tell({ kind: 'written' })
    case 'delegate':
      return delegate()
    case 'finish':
      return slow.finish()
    case 'leave':
      for (const client of clients) client.leave()
      return
    case 'report':
      return tell({
        kind: 'report',
        texts: clients.map(({ text }) => text),
        makes: slow.count,
        stopped: slow.stopped !== undefined,
      })
  }
}

process.on('message', (order: Order) => void obey(order))
process.on('disconnect', () => process.exit())
tell({ kind: 'ready' })

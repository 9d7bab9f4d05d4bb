import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Api } from '../../support/api.ts'
import { Client } from '../../support/client.ts'
import { newHome, rootToken, type Sallyport, startSallyport } from '../../support/sallyport.ts'
import { Ledger } from './ledger.ts'

/** The home that is killed again and again, with all that its clients were told. */
export interface World {
  readonly home: string
  readonly client: Client
  /** Of an SSH key that pushes. */
  readonly key: string
  readonly refs: Ledger
  readonly tokens: Ledger
  readonly projects: Ledger
  /** Number of the project that is pushed to. */
  readonly project: number
}

/** One life of the server. */
export interface Life {
  readonly world: World
  readonly server: Sallyport
  readonly api: Api
  /** For its addresses. */
  readonly client: Client
  /** Nothing new is begun. */
  over: boolean
}

export const workers = 2

export const begin = (home: string): Promise<Sallyport> => startSallyport({ home, workers, env: { SALLYPORT_BAN: 'off' } })

/** A work tree for each who pushes. */
export const workTrees = ['http', 'ssh', 'bulk'] as const
export type WorkTree = (typeof workTrees)[number]

export const directoryOf = ({ client }: World, tree: WorkTree): string => join(client.directory, tree)

/** With the server in its first life. */
export const makeWorld = async (): Promise<{ world: World; server: Sallyport }> => {
  const home = await newHome()
  const server = await begin(home)
  const client = await Client.make(server)
  const api = new Api(server.http)
  const { id } = await api.make('POST', '/projects', { name: 'kept' })
  const { file, line } = await client.key('pusher')
  await api.make('POST', '/user/keys', { title: 'pusher', key: line })
  for (const tree of workTrees) await client.repository(tree)
  await client.git(['push', '-q', client.url('root/kept', 'root', rootToken), 'HEAD:main'], {
    cwd: join(client.directory, 'http'),
  })
  const ledgers = { refs: new Ledger('absent'), tokens: new Ledger('dead'), projects: new Ledger('absent') }
  return { world: { home, client, key: file, project: id, ...ledgers }, server }
}

export const newName = (): string => randomBytes(6).toString('hex')

import { rmSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from './client.ts'
import type { Options } from './options.ts'
import { startNginx } from './peers/nginx.ts'
import { startSshd } from './peers/sshd.ts'
import { progress } from './progress.ts'
import { maintain, makeRepository, type Shape, shapes } from './repository.ts'
import { addKey, type Sallyport, startSallyport } from './sallyport.ts'
import type { Host, Server } from './server.ts'

/** Everything that is measured, running, with the same repositories in each. */
export interface Scene extends AsyncDisposable {
  readonly options: Options
  /** A folder that goes away at the end. */
  readonly directory: string
  /** The program that runs Sallyport. */
  readonly node: string
  readonly client: Client
  readonly nginx: Host
  readonly sshd: Server
  readonly sallyport: Sallyport
  /** Where a repository was made. */
  source(repository: string): string
}

/** Makes a repository once and returns where it is. */
export const makeSource = async (directory: string, shape: Shape): Promise<string> => {
  progress(`making the repository ${shape.name}: ${shape.commits} commits, ${shape.branches + shape.tags + 1} refs`)
  const source = join(directory, 'sources', `${shape.name}.git`)
  await makeRepository(source, shape)
  return source
}

/**
 * Brings a repository to a server as people do, by a push, and then into the state that maintenance leaves. Returns where
 * it lies.
 */
export const fill = async (client: Client, source: string, repository: string, host: Host): Promise<string> => {
  const place = await host.create(repository)
  await client.remember(host.url(repository))
  await client.git(['-C', source, 'push', '-q', '--mirror', '--', host.url(repository)])
  await maintain(place)
  return place
}

/** A folder that goes away at the end, also where the run is interrupted. */
const lendFolder = async (stack: AsyncDisposableStack): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-bench-'))
  const options = { recursive: true, force: true, maxRetries: 3 }
  stack.defer(() => rm(directory, options))
  process.on('exit', () => rmSync(directory, options))
  return directory
}

/** Starts the servers and fills them. */
export const setScene = async (options: Options): Promise<Scene> => {
  await using stack = new AsyncDisposableStack()
  const directory = await lendFolder(stack)
  const node = join(directory, 'node')
  await copyFile(process.execPath, node)
  const client = await Client.make(join(directory, 'client'))
  const nginx = stack.use(await startNginx(join(directory, 'nginx'), client.credentials))
  const sshd = stack.use(await startSshd(join(directory, 'sshd'), nginx.repositories, client.credentials))
  const start = { node, home: join(directory, 'home'), credentials: client.credentials }
  const sallyport = stack.use(await startSallyport({ ...start, compileCache: join(directory, 'compiled') }))
  await addKey(sallyport.base, client.credentials)
  const sources = new Map<string, string>()
  for (const shape of [shapes.small, options.quick ? shapes.quickMedium : shapes.medium]) {
    const source = await makeSource(directory, shape)
    sources.set(shape.name, source)
    for (const host of [nginx, sallyport.http]) await fill(client, source, shape.name, host)
  }
  const source = (repository: string): string => {
    const path = sources.get(repository)
    if (path === undefined) throw new Error(`there is no repository ${repository}`)
    return path
  }
  const disposer = stack.move()
  const parts = { options, directory, node, client, nginx, sshd, sallyport, source }
  return { ...parts, [Symbol.asyncDispose]: () => disposer.disposeAsync() }
}

import { join } from 'node:path'
import { atLeast } from '../goal.ts'
import { lsRefs, rateOf } from '../load.ts'
import { type Contender, type Row, sideBySide, timed } from '../measure.ts'
import { progress } from '../progress.ts'
import { addKey, type Sallyport, startSallyport } from '../sallyport.ts'
import { fill, type Scene } from '../scene.ts'
import { StoredCrowd } from '../stored.ts'

const repository = 'small'

/** A server with the small repository, and one key and one token to it. */
export const startWithOne = async ({ client, node, directory, source }: Scene, name: string): Promise<Sallyport> => {
  const home = join(directory, name)
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startSallyport({ node, home, credentials: client.credentials }))
  await addKey(server.base, client.credentials)
  await fill(client, source(repository), repository, server.http)
  await server.complete()
  stack.move()
  return server
}

const login =
  ({ client }: Scene) =>
  ({ ssh }: Sallyport): Contender => ({
    measure: () => timed(() => client.listRemote(ssh.url(repository))),
  })

const asking =
  ({ client, directory, options }: Scene) =>
  ({ http }: Sallyport): Contender => ({
    measure: () => rateOf(directory, options.quick ? 1 : 4, lsRefs(http.url(repository), client.credentials)),
  })

/** What it costs that many others are known. */
export const stored = async (scene: Scene): Promise<Row[]> => {
  const count = scene.options.quick ? 1_000 : 100_000
  const shown = count.toLocaleString('en-US')
  await using few = await startWithOne(scene, 'few-home')
  await using many = await startWithOne(scene, 'many-home')
  progress(`stored: ${shown} keys and tokens`)
  using crowd = new StoredCrowd(join(scene.directory, 'many-home'))
  crowd.addKeys(count)
  crowd.growTokens(count)
  progress('stored: login')
  const logins = await sideBySide('ms', scene.options.quick ? 2 : 21, login(scene)(few), login(scene)(many))
  progress('stored: ls-refs')
  const rates = await sideBySide('requests/s', scene.options.quick ? 1 : 5, asking(scene)(few), asking(scene)(many))
  return [
    { work: `\`git ls-remote\` over SSH, ${shown} keys stored`, against: 'one key stored', goal: atLeast(1 / 1.1), ...logins },
    { work: `v2 \`ls-refs\`, ${shown} tokens stored`, against: 'one token stored', goal: atLeast(0.95), ...rates },
  ]
}

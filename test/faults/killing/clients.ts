import { randomBytes } from 'node:crypto'
import type { Answer } from '../../support/api.ts'
import { run } from '../../support/client.ts'
import { rootToken } from '../../support/sallyport.ts'
import { directoryOf, type Life, newName, type WorkTree } from './world.ts'

/** An answer that says that it was done; undefined where there is another or none, since the server was killed. */
const answered = async ({ api }: Life, method: string, path: string, body?: unknown): Promise<Answer | undefined> => {
  const answer = await api.call(method, path, body).catch(() => undefined)
  if (answer === undefined || answer.status >= 500) return undefined
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer
}

/** More than git unpacks into loose objects (`transfer.unpackLimit`), and long on its way. */
const manyFiles = (): string => {
  const blobs = Array.from({ length: 110 }, (_, at) => {
    const content = at === 0 ? randomBytes(500_000).toString('base64') : randomBytes(40).toString('hex')
    return `M 100644 inline file-${at}\ndata ${content.length}\n${content}\n`
  })
  return `commit refs/heads/bulk\ncommitter Ada <ada@example.com> 1767225600 +0000\ndata ${12}\n${newName()}\n${blobs.join('')}\n`
}

const newCommit = async ({ world }: Life, tree: WorkTree): Promise<string> => {
  const cwd = directoryOf(world, tree)
  if (tree !== 'bulk') return world.client.commit(cwd, newName())
  await run('git', ['fast-import', '--quiet', '--force'], { cwd, input: manyFiles() })
  return (await run('git', ['rev-parse', 'refs/heads/bulk'], { cwd })).stdout.trim()
}

/** Pushes one commit after the other, over its own door. */
export const pushing =
  (tree: WorkTree) =>
  async (life: Life): Promise<void> => {
    const { world, client } = life
    const address = tree === 'ssh' ? client.sshUrl('root/kept') : client.url('root/kept', 'root', rootToken)
    for (let turn = 0; !life.over; turn += 1) {
      const ref = `refs/heads/${tree}-${turn % 3}`
      const commit = await newCommit(life, tree)
      if (life.over) return
      await world.refs.change(ref, commit, async () => {
        const { code } = await client.git(['push', '-q', '--force', address, `${commit}:${ref}`], {
          cwd: directoryOf(world, tree),
          key: world.key,
        })
        return code === 0 ? 'pushed' : undefined
      })
    }
  }

/** Each push makes a project of its own. */
export const makingByPush = async (life: Life): Promise<void> => {
  const { world, client } = life
  const cwd = directoryOf(world, 'http')
  while (!life.over) {
    const name = `pushed-${newName()}`
    await world.projects.change(name, 'there', async () => {
      const { code } = await client.git(['push', '-q', client.url(`root/${name}`, 'root', rootToken), 'main:topic'], { cwd })
      return code === 0 ? 'pushed' : undefined
    })
  }
}

/** Branches that come and go through the API. */
export const branching = async (life: Life): Promise<void> => {
  const { world } = life
  const branches = `/projects/${world.project}/repository/branches`
  const main = (await answered(life, 'GET', `${branches}/main`))?.body.commit.id
  while (!life.over && main !== undefined) {
    const name = `api-${newName()}`
    const ref = `refs/heads/${name}`
    const made = await world.refs.change(ref, main, () => answered(life, 'POST', `${branches}?branch=${name}&ref=main`))
    if (made === undefined || life.over) return
    if (Math.random() < 0.7) await world.refs.change(ref, 'absent', () => answered(life, 'DELETE', `${branches}/${name}`))
  }
}

interface TokenPaths {
  readonly births: string
  /** Below it the number of one. */
  readonly own: string
}

/** A token is born, takes the place of another, or is taken back. False where no answer came. */
const liveOnce = async (life: Life, { births, own }: TokenPaths): Promise<boolean> => {
  const { tokens } = life.world
  const goesOn = (): boolean => !life.over && Math.random() < 0.7
  const born = await answered(life, 'POST', births, { name: newName(), scopes: ['api'], access_level: 40 })
  if (born === undefined) return false
  tokens.acknowledge(born.body.token, 'works')
  if (!goesOn()) return true
  const rotated = await tokens.change(born.body.token, 'dead', () => answered(life, 'POST', `${own}/${born.body.id}/rotate`))
  if (rotated === undefined) return false
  tokens.acknowledge(rotated.body.token, 'works')
  if (!goesOn()) return true
  return (
    (await tokens.change(rotated.body.token, 'dead', () => answered(life, 'DELETE', `${own}/${rotated.body.id}`))) !== undefined
  )
}

/** Of a person, or of a bot of the project. */
const tokenLife =
  (births: string, own: string) =>
  async (life: Life): Promise<void> => {
    let isAnswered = true
    while (isAnswered && !life.over) isAnswered = await liveOnce(life, { births, own })
  }

export const ownTokens = tokenLife('/users/1/personal_access_tokens', '/personal_access_tokens')

export const botTokens = (life: Life): Promise<void> => {
  const path = `/projects/${life.world.project}/access_tokens`
  return tokenLife(path, path)(life)
}

/** Projects, empty ones and such with a first commit; most are removed again. */
export const projects = async (life: Life): Promise<void> => {
  const { projects: ledger } = life.world
  while (!life.over) {
    const name = `p-${newName()}`
    const wish = { name, initialize_with_readme: Math.random() < 0.5 }
    const made = await ledger.change(name, 'there', () => answered(life, 'POST', '/projects', wish))
    if (made === undefined || life.over) return
    if (Math.random() < 0.7) await ledger.change(name, 'absent', () => answered(life, 'DELETE', `/projects/${made.body.id}`))
  }
}

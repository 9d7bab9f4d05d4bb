import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scene } from '../../journeys/scene.ts'

/** One round of somebody who has every right: asks the API, pushes a commit, clones. Throws where any of it fails. */
const round = async ({ api, client, who }: HonestParts, directory: string, number: number): Promise<void> => {
  const url = client.url('castle/work', 'x', who.token)
  await api.make('GET', '/user')
  await client.commit(directory, `round ${number}`)
  const copy = join(client.directory, 'copied')
  for (const words of [
    ['push', '-q', url, 'main'],
    ['clone', '-q', '--bare', url, copy],
  ]) {
    const { code, stderr } = await client.git(words, { cwd: directory })
    if (code !== 0) throw new Error(`git ${words[0]}: ${stderr}`)
  }
  await rm(copy, { recursive: true })
}

interface HonestParts {
  readonly api: Scene['api']
  readonly client: Scene['client']
  readonly who: { readonly token: string }
}

let rounds = 0

/** Works for so many milliseconds; rounds in a second. */
export const workHonestly = async (scene: Scene, milliseconds: number): Promise<number> => {
  const who = scene.who('maintainer')
  const parts = { api: scene.api.as(who.token), client: scene.client, who }
  const begun = performance.now()
  const before = rounds
  while (performance.now() - begun < milliseconds) {
    rounds += 1
    await round(parts, join(scene.client.directory, 'seed-work'), rounds)
  }
  return (1_000 * (rounds - before)) / (performance.now() - begun)
}

import { atLeast, type Goal } from '../goal.ts'
import { fetchWords } from '../load.ts'
import { type Contender, type Row, sideBySide, timed, together } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Server } from '../server.ts'
import { wantedAt } from './fetches.ts'

const listing =
  ({ client }: Scene, repository: string, count: number) =>
  (server: Server): Contender => ({
    measure: () => timed(() => together(count, () => client.listRemote(server.url(repository)))),
  })

const cloning =
  ({ client }: Scene) =>
  (server: Server): Contender => ({
    prepare: () => client.sweep(),
    measure: () => timed(() => client.clone(server.url('medium'))),
  })

/** The pack alone: no client that checks and stores it. */
const fetching =
  ({ client }: Scene) =>
  (server: Server): Contender => {
    const url = server.url('medium')
    let request = ''
    return {
      async prepare() {
        // A flush ends the conversation behind the answer.
        request = `${fetchWords(await wantedAt(client, url))}0000`
      },
      measure: () =>
        timed(async () => {
          const length = await client.uploadPackOverSsh(url, request)
          if (length < 1_000_000) throw new Error(`${url} sent no more than ${length} bytes`)
        }),
    }
  }

interface Line {
  readonly work: string
  readonly goal?: Goal
  readonly runs: number
  readonly contender: (server: Server) => Contender
}

const many = ({ options }: Scene): string => (options.quick ? '200' : '2,000')

const lines = (scene: Scene): readonly Line[] => [
  { work: '`git ls-remote` over SSH, 20 refs', goal: atLeast(8), runs: 11, contender: listing(scene, 'small', 1) },
  { work: `\`git ls-remote\` over SSH, ${many(scene)} refs`, runs: 11, contender: listing(scene, 'medium', 1) },
  { work: '8 `git ls-remote` at once over SSH, 20 refs', goal: atLeast(3), runs: 5, contender: listing(scene, 'small', 8) },
  { work: 'full fetch over SSH', goal: atLeast(1), runs: 7, contender: fetching(scene) },
  { work: '`git clone` over SSH', goal: atLeast(1), runs: 5, contender: cloning(scene) },
]

/** The SSH door, with the same cipher and key exchange on both sides. */
export const ssh = async (scene: Scene): Promise<Row[]> => {
  const rows: Row[] = []
  for (const { work, goal, runs, contender } of lines(scene)) {
    progress(`ssh: ${work}`)
    const count = scene.options.quick ? 1 : runs
    const figures = await sideBySide('ms', count, contender(scene.sshd), contender(scene.sallyport.ssh))
    rows.push({ work, against: 'sshd', goal, ...figures })
  }
  await scene.client.sweep()
  return rows
}

import { sallyport } from '../../test/cli/command-line.ts'
import { RegistryStage } from '../../test/registry/stage.ts'
import { freeAddress, type Login, Registry, Skopeo } from '../../test/support/registry.ts'
import { rootToken } from '../../test/support/sallyport.ts'
import { type Step, steps } from './steps.ts'

/** One line of the tour as it went. */
export interface Attempt {
  readonly who: string
  readonly tries: string
  readonly allowed: boolean
  /** What skopeo said about a refusal; empty where all went well. */
  readonly sentence: string
  readonly ok: boolean
}

/** What the guide is told, as it happens. */
export interface RegistryGuide {
  configured(lines: readonly string[]): void
  tell(attempt: Attempt): void
}

/** Of skopeo's long lines, the words of the registry or of the server. */
const sentenceIn = (stderr: string): string =>
  /denied: [^\n"\\]+|invalid username\/password|invalid status code from registry [^\n"\\]+|authentication required/.exec(
    stderr,
  )?.[0] ?? stderr.trim().slice(-120)

const attempt = async (skopeo: Skopeo, step: Step, login: Login): Promise<Attempt> => {
  const name = `castle/${step.image}`
  const ran = {
    pull: () => skopeo.pull(`${name}:seed`, login),
    push: async () => skopeo.push(await skopeo.image(), `${name}:by`, login),
    delete: () => skopeo.remove(`${name}:old`, login),
  }[step.does]
  const { code, stderr } = await ran()
  const allowed = code === 0
  const sentence = allowed ? '' : sentenceIn(stderr)
  return { who: step.who, tries: `${step.does} ${name}`, allowed, sentence, ok: allowed === step.allowed }
}

const seed = async (skopeo: Skopeo): Promise<void> => {
  for (const name of ['private:seed', 'private:old', 'internal:seed', 'public:seed']) {
    const { code, stderr } = await skopeo.push(await skopeo.image(), `castle/${name}`, ['root', rootToken])
    if (code !== 0) throw new Error(`the registry takes no image: ${stderr}`)
  }
}

/** Starts both servers, pushes and pulls with real tools, and leaves nothing behind. Rejects once `broken` aborts. */
export const takeRegistryTour = async (guide: RegistryGuide, broken: AbortSignal): Promise<readonly Attempt[]> => {
  const address = await freeAddress()
  await using stage = await RegistryStage.open(address)
  const flags = ['--home', stage.server.home, '--url', stage.server.http, '--registry', address]
  const { stdout } = await sallyport(['registry', 'config', ...flags])
  guide.configured(stdout.trimEnd().split('\n'))
  await using _registry = await Registry.start(address, stdout)
  await using skopeo = await Skopeo.make(address)
  await seed(skopeo)
  const attempts: Attempt[] = []
  for (const step of steps) {
    broken.throwIfAborted()
    const done = await attempt(skopeo, step, await step.shows(stage))
    guide.tell(done)
    attempts.push(done)
  }
  return attempts
}

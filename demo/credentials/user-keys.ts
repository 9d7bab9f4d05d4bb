import { setTimeout as pause } from 'node:timers/promises'
import type { Scene } from '../../test/journeys/scene.ts'
import type { Recipe, Shown } from './recipe.ts'

interface Wish {
  readonly type?: string
  readonly usage_type?: string
  readonly expires_at?: string
}

/** One more key of the Developer's. */
const key =
  (name: string, { type, ...fields }: Wish) =>
  async (scene: Scene): Promise<Shown> => {
    const { file, line } = await scene.client.key(name, type)
    await scene.api.make('POST', `/users/${scene.who('developer').id}/keys`, { title: name, key: line, ...fields })
    return { kind: 'key', file }
  }

/** No key is taken whose time has passed: this one has two seconds. */
const expired = async (scene: Scene): Promise<Shown> => {
  const end = Date.now() + 2_000
  const shown = await key('expired', { expires_at: new Date(end).toISOString() })(scene)
  await pause(end - Date.now() + 1)
  return shown
}

const unknown = async (scene: Scene): Promise<Shown> => ({ kind: 'key', file: (await scene.client.key('unknown')).file })

const kind = 'user-key'
const standing = 'Developer'

export const userKeys = {
  ed25519: { who: 'Developer, SSH key (ed25519)', kind, standing, make: key('ed25519', {}) },
  rsa: { who: 'Developer, SSH key (rsa)', kind, standing, make: key('rsa', { type: 'rsa' }) },
  'signing key': { who: 'Developer, signing-only key', kind, standing, make: key('signing', { usage_type: 'signing' }) },
  'expired key': {
    who: 'Developer, expired key',
    kind,
    standing,
    make: expired,
  },
  'unknown key': { who: 'somebody, key nobody added', kind, standing: '', make: unknown },
  'blocked key': {
    who: 'blocked user, SSH key',
    kind,
    standing: '',
    make: async (scene) => ({ kind: 'key', file: scene.who('blocked').key }),
  },
} as const satisfies Record<string, Recipe>

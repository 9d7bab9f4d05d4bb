import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatAddress, inHome, type Settings } from '../config.ts'
import type { AuditNote } from '../core/audit.ts'
import { knowsNextKey } from '../registry/belief.ts'
import { configurationLines, configurationOf } from '../registry/configuration.ts'
import { ensureKeyFiles, exchangeKeys, keyFiles } from '../registry/key-files.ts'
import { inOpenedHome } from './opened-home.ts'
import { json, lines, type Output } from './output.ts'
import { Refused } from './refused.ts'

/** The server's folder of keys. Throws `Refused` where there is none. */
const keysOf = (settings: Settings): string => {
  const directory = inHome(settings, 'keys')
  if (!existsSync(directory)) throw new Refused(`there is no folder ${directory}; name the home of a server by --home`)
  // What is made here is for its owner alone.
  process.umask(0o077)
  return directory
}

const urlOf = (settings: Settings): string =>
  settings.url ?? `${settings.tlsCert === undefined ? 'http' : 'https'}://${formatAddress(settings.http)}`

const explained = (settings: Settings, made: string): string[] => [
  '# Who may pull and push is asked of Sallyport. These lines go into the configuration file of the registry.',
  `# The certificates are in ${made}; a registry of another user needs a copy of that file.`,
  ...(settings.registry === undefined ? ['# Sallyport itself is to be started with --registry HOST:PORT.'] : []),
]

/**
 * What a registry's configuration file needs; makes the keys where there are none.
 * @param bundle the file of certificates as the registry finds it, where that is another one
 */
export const showConfiguration = async (settings: Settings, bundle: string | undefined): Promise<Output> => {
  const directory = keysOf(settings)
  await ensureKeyFiles(directory)
  const made = join(directory, keyFiles.bundle)
  const configuration = configurationOf(urlOf(settings), bundle ?? made)
  if (settings.json) return json({ ...configuration, bundle: made, registry: settings.registry ?? null })
  return lines([...explained(settings, made), ...configurationLines(configuration)])
}

const exchanged: AuditNote = {
  name: 'registry_key_exchanged',
  entity: { kind: 'Instance' },
  target: { type: 'RegistryKey', id: null, details: keyFiles.signing },
  message: 'The next key signs tokens for the container registry',
}

/** Where the registry can be asked, it is: an exchange that it does not know of would be an outage. */
const refuseOutage = async (settings: Settings, directory: string): Promise<void> => {
  if (settings.registry === undefined) return
  if ((await knowsNextKey(directory, settings.registry, urlOf(settings))) !== false) return
  const bundle = join(directory, keyFiles.bundle)
  throw new Refused(`the registry does not know the next key yet: give it ${bundle} as it is now, and start it anew`)
}

/**
 * Exchanges the keys, under a running server too. Throws `Refused` where no server was ever started, and where the
 * registry says that it would not believe the next key.
 */
export const exchange = async (settings: Settings): Promise<Output> => {
  const directory = keysOf(settings)
  await inOpenedHome(settings, async (home) => {
    await ensureKeyFiles(directory)
    await refuseOutage(settings, directory)
    await exchangeKeys(directory)
    home.audit([exchanged])
  })
  const bundle = join(directory, keyFiles.bundle)
  if (settings.json) return json({ bundle })
  return lines([
    'the next key signs from now on',
    `before the next exchange, give the registry ${bundle} as it is now, and start it anew`,
  ])
}

import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { parseIpRange } from './core/ip-address.ts'
import { parseMailAddress, parseMailServer } from './core/mail.ts'
import { Secret } from './core/secret.ts'
import { logLevels } from './log.ts'

/** A setting's value that cannot be used: one line for a person, naming the setting, the value and what would be right. */
export class WrongSetting extends Error {}

export interface Address {
  readonly host: string
  readonly port: number
}

const sizeUnits: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

const parsed = <Value>(what: string, parse: (text: string) => Value | undefined): z.ZodType<Value, string> =>
  z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: what })
    return z.NEVER
  })

const parseAddress = (text: string): Address | undefined => {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host !== undefined && port <= 65_535 ? { host, port } : undefined
}

export const formatAddress = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

const address = parsed('an address such as 127.0.0.1:8080 or [::1]:8080', parseAddress)

const size = parsed('a size such as 512MiB or 2GiB', (text) => {
  const match = /^(\d{1,12})(KiB|MiB|GiB|TiB|)$/.exec(text)
  const unit = sizeUnits[match?.[2] ?? '?']
  return match && unit !== undefined ? Number(match[1]) * unit : undefined
})

const count = (least: number, most: number): z.ZodType<number, string> =>
  parsed(`a whole number from ${least} to ${most}`, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  })

const ban = parsed('failures/seconds/banned seconds such as 10/60/3600, or off', (text) => {
  if (text === 'off') return 'off' as const
  const match = /^(\d{1,6})\/(\d{1,6})\/(\d{1,8})$/.exec(text)
  const [failures = 0, within = 0, banned = 0] = match?.slice(1).map(Number) ?? []
  return failures > 0 && within > 0 && banned > 0 ? { failures, within, banned } : undefined
})

const list = parsed('addresses or CIDR ranges, separated by commas', (text) => {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items.every((item) => parseIpRange(item) !== undefined) ? items : undefined
})

const webUrl = parsed('a URL such as https://git.example.org', (text) => {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? text.replace(/\/+$/, '') : undefined
})

const database = parsed('sqlite:FILE (PostgreSQL is not supported yet)', (text) =>
  text.startsWith('sqlite:') && text.length > 7 ? text.slice('sqlite:'.length) : undefined,
)

const onOff = parsed('on or off', (text) => (text === 'on' ? true : text === 'off' ? false : undefined))

const rootToken = parsed('glpat- followed by at least 20 characters of A-Z a-z 0-9 . _ -', (text) =>
  /^glpat-[A-Za-z0-9._-]{20,200}$/.test(text) ? new Secret(text) : undefined,
)

const word = parsed('some text', (text) => (text === '' ? undefined : text))
const hostAndPort = parsed('a host and port such as git.example.org:22', (text) =>
  (parseAddress(text)?.port ?? 0) > 0 ? text : undefined,
)

const smtp = parsed('smtp://user:password@host:port or smtps://…, without a path', parseMailServer)
const mailAddress = parsed('an address such as git@example.org or Sallyport <git@example.org>', parseMailAddress)

const rootPassword = parsed('at least 8 characters', (text) => (text.length >= 8 ? new Secret(text) : undefined))

interface Setting {
  readonly env: string
  /** Undefined for what must never stand in a process list. */
  readonly flag: string | undefined
  readonly type: z.ZodType<unknown, string>
  readonly standard: string | undefined
  readonly meaning: string
  /** The value itself is never shown. */
  readonly secret?: boolean
}

/** Every setting, in the order in which help and documentation list them. */
export const settingTable = {
  home: { env: 'SALLYPORT_HOME', flag: 'home', type: word, standard: '.', meaning: 'holds repos/, keys/, sallyport.db' },
  http: {
    env: 'SALLYPORT_HTTP',
    flag: 'http',
    type: address,
    standard: '127.0.0.1:8080',
    meaning: 'listen address; port 0 picks a free one',
  },
  ssh: {
    env: 'SALLYPORT_SSH',
    flag: 'ssh',
    type: parsed('an address such as 127.0.0.1:2222, or off', (text) => (text === 'off' ? 'off' : parseAddress(text))),
    standard: '127.0.0.1:2222',
    meaning: 'listen address; off disables the door',
  },
  url: {
    env: 'SALLYPORT_URL',
    flag: 'url',
    type: webUrl,
    standard: undefined,
    meaning: 'public base URL; default http:// and the HTTP address',
  },
  sshPublic: {
    env: 'SALLYPORT_SSH_PUBLIC',
    flag: 'ssh-public',
    type: hostAndPort,
    standard: undefined,
    meaning: 'host:port shown in clone URLs; default the SSH address',
  },
  database: {
    env: 'SALLYPORT_DATABASE',
    flag: 'database',
    type: database,
    standard: 'sqlite:sallyport.db',
    meaning: 'where the data is kept',
  },
  workers: {
    env: 'SALLYPORT_WORKERS',
    flag: 'workers',
    type: count(1, 256),
    standard: undefined,
    meaning: 'processes that serve requests; default one per core',
  },
  rootToken: {
    env: 'SALLYPORT_ROOT_TOKEN',
    flag: undefined,
    type: rootToken,
    standard: undefined,
    meaning: "value of the first administrator's token; default generated",
    secret: true,
  },
  rootPassword: {
    env: 'SALLYPORT_ROOT_PASSWORD',
    flag: undefined,
    type: rootPassword,
    standard: undefined,
    meaning: 'password of user root; default generated',
    secret: true,
  },
  ban: {
    env: 'SALLYPORT_BAN',
    flag: 'ban',
    type: ban,
    standard: '10/60/3600',
    meaning: 'failures / within seconds / banned seconds, per client address; off',
  },
  banExempt: {
    env: 'SALLYPORT_BAN_EXEMPT',
    flag: 'ban-exempt',
    type: list,
    standard: '127.0.0.1,::1',
    meaning: 'addresses and CIDR ranges never banned; empty: none',
  },
  trustedProxies: {
    env: 'SALLYPORT_TRUSTED_PROXIES',
    flag: 'trusted-proxies',
    type: list,
    standard: '',
    meaning: 'whose X-Forwarded-For counts',
  },
  impersonation: {
    env: 'SALLYPORT_IMPERSONATION',
    flag: 'impersonation',
    type: onOff,
    standard: 'on',
    meaning: 'impersonation tokens accepted',
  },
  registry: {
    env: 'SALLYPORT_REGISTRY',
    flag: 'registry',
    type: hostAndPort,
    standard: undefined,
    meaning: 'host:port of the container registry that trusts our tokens; unset: registry off',
  },
  tlsCert: {
    env: 'SALLYPORT_TLS_CERT',
    flag: 'tls-cert',
    type: word,
    standard: undefined,
    meaning: 'certificate file (PEM): serve HTTPS',
  },
  tlsKey: {
    env: 'SALLYPORT_TLS_KEY',
    flag: 'tls-key',
    type: word,
    standard: undefined,
    meaning: 'key file (PEM) of the certificate',
  },
  smtp: {
    env: 'SALLYPORT_SMTP',
    flag: undefined,
    type: smtp,
    standard: undefined,
    meaning: 'mail server for notices: smtp://user:password@host:port or smtps://…; none: no mail, a log line',
    secret: true,
  },
  mailFrom: {
    env: 'SALLYPORT_MAIL_FROM',
    flag: undefined,
    type: mailAddress,
    standard: undefined,
    meaning: 'sender of mail; default sallyport@ and the host of the public base URL',
  },
  maxPush: { env: 'SALLYPORT_MAX_PUSH', flag: 'max-push', type: size, standard: '2GiB', meaning: 'largest pack accepted' },
  cache: { env: 'SALLYPORT_CACHE', flag: 'cache', type: size, standard: '1GiB', meaning: 'largest fetch cache on disk' },
  maintenance: {
    env: 'SALLYPORT_MAINTENANCE',
    flag: 'maintenance',
    type: onOff,
    standard: 'on',
    meaning: 'repositories are packed in the background; off: only by sallyport maintain',
  },
  connections: {
    env: 'SALLYPORT_CONNECTIONS',
    flag: 'connections',
    type: count(1, 1_000_000),
    standard: '4096',
    meaning: 'connections over both doors, each worker',
  },
  monitorAllow: {
    env: 'SALLYPORT_MONITOR_ALLOW',
    flag: 'monitor-allow',
    type: list,
    standard: '127.0.0.1,::1',
    meaning: 'who may read /-/metrics',
  },
  outboundAllow: {
    env: 'SALLYPORT_OUTBOUND_ALLOW',
    flag: undefined,
    type: list,
    standard: '',
    meaning: 'private addresses or CIDR ranges that we may call',
  },
  logLevel: {
    env: 'SALLYPORT_LOG_LEVEL',
    flag: 'log-level',
    type: parsed(`one of ${logLevels.join(', ')}`, (text) => logLevels.find((level) => level === text)),
    standard: 'info',
    meaning: 'JSON lines on standard error',
  },
} as const satisfies Record<string, Setting>

type SettingName = keyof typeof settingTable

/** The parsed type of a setting; `undefined` too where there is no standard value. */
type ValueOf<Name extends SettingName> =
  | z.output<(typeof settingTable)[Name]['type']>
  | ((typeof settingTable)[Name]['standard'] extends string ? never : undefined)

export type Settings = { readonly [Name in SettingName]: ValueOf<Name> } & {
  /** What is printed is for a machine (`--json`). */
  readonly json?: boolean
}

const readOne = (name: SettingName, given: string | undefined, source: string): unknown => {
  const setting: Setting = settingTable[name]
  const text = given ?? setting.standard
  if (text === undefined) return undefined
  const result = setting.type.safeParse(text)
  if (result.success) return result.data
  const shown = setting.secret ? 'its value' : JSON.stringify(text)
  throw new WrongSetting(`${source}: ${shown} is not right; it takes ${result.error.issues[0]?.message ?? 'another value'}`)
}

/** Flags win over the environment, the environment over the standard values. Throws `WrongSetting`. */
export const readSettings = (
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): Settings => {
  const entries = Object.entries(settingTable as Record<string, Setting>).map(([name, { env: variable, flag }]) => {
    const byFlag = flag === undefined ? undefined : flags[name]
    return [name, readOne(name as SettingName, byFlag ?? env[variable], byFlag === undefined ? variable : `--${flag}`)]
  })
  const settings = Object.fromEntries(entries) as Settings
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    throw new WrongSetting('SALLYPORT_TLS_CERT and SALLYPORT_TLS_KEY: give both or neither')
  }
  return { ...settings, home: resolve(settings.home) }
}

/** A path from a setting; a relative one is relative to the home. */
export const inHome = (settings: Pick<Settings, 'home'>, path: string): string =>
  isAbsolute(path) ? path : join(settings.home, path)

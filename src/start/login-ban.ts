import { type Banned, LoginBan, type Try } from '../access/ban.ts'
import type { Settings } from '../config.ts'
import type { AuditTrail } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import { ipRanges } from '../core/ip-address.ts'
import { Secret } from '../core/secret.ts'
import type { Logger } from '../log.ts'
import type { Limits } from '../store/limits.ts'
import { secretLooksLikeToken } from '../tokens/digest.ts'

/** GitLab's own words (`lib/gitlab/auth.rb`, `rate_limit!`), for which people search their logs. */
const crossed = 'Rack_Attack: Git auth failures has exceeded the threshold. IP has been temporarily banned from Git auth.'

/** Some clients send a token as the login, with no password. */
const loginOf = ({ presented }: Try): string | undefined => {
  if (presented.kind !== 'basic') return undefined
  const mayBeSecret = presented.secret.isEmpty || secretLooksLikeToken(new Secret(presented.login))
  return mayBeSecret ? '[hidden]' : presented.login.slice(0, 255)
}

const logBan = (log: Logger, { from, by, until }: Banned): void =>
  log.warn(
    {
      env: 'blocklist',
      remote_ip: by.address,
      request_method: by.request?.method,
      path: by.request?.path,
      login: loginOf(by),
      banned: from,
      banned_until: new Date(until).toISOString(),
    },
    crossed,
  )

const recordBan = (trail: AuditTrail, { from, by, at, until }: Banned): void =>
  trail.record([
    {
      name: 'address_banned',
      entity: { kind: 'Instance' },
      target: { type: 'IpAddress', id: null, details: from },
      message: `Banned ${from} from git until ${new Date(until).toISOString()}: too many wrong credentials`,
      author: { kind: 'Unauthenticated', id: undefined, name: 'An unauthenticated user' },
      address: by.address,
      at,
    },
  ])

/** The ban as the settings have it; each one is told in the log and in the audit. */
export const makeLoginBan = (settings: Settings, limits: Limits, clock: Clock, log: Logger, trail: AuditTrail): LoginBan =>
  new LoginBan({
    rule: settings.ban,
    exempt: ipRanges(settings.banExempt),
    tries: limits.tries,
    clock,
    onBan(banned) {
      logBan(log, banned)
      recordBan(trail, banned)
    },
  })

import type { AuditEntity, AuditNote } from '../../../core/audit.ts'
import type { UserId } from '../../../core/ids.ts'
import type { TokenRow } from '../../../store/access-tokens.ts'
import { entityOfUser } from '../../../store/audit-entities.ts'
import type { BotHome } from '../../../store/bots.ts'
import { tokenBirth, tokenEnd } from '../../../store/token-notes.ts'
import { type Account, userById } from '../../../store/users.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'

/** Tells the audit of the tokens of one user. */
export interface TokenStory {
  born(token: TokenRow): void
  ended(token: TokenRow): void
}

/** GitLab's application log has these lines for the tokens of projects and groups. */
const logLine = (
  call: Call,
  entity: AuditEntity,
  what: 'CREATION: created_by' | 'REVOCATION: revoked_by',
  bot: Account,
  id: number,
): void => {
  if (bot.kind !== 'project_bot' || (entity.kind !== 'Project' && entity.kind !== 'Group')) return
  const kind = entity.kind.toLowerCase()
  const by = requireUser(call.caller).user.username
  const line = `${kind.toUpperCase()} ACCESS TOKEN ${what}: ${by}, ${kind}_id: ${entity.id}, token_user: ${bot.name}, token_id: ${id}`
  call.parts.log.info(line)
}

/** Asked for before a token is ended, since its bot may end with it. */
export const tokenStory = async (call: Call, user: UserId): Promise<TokenStory> => {
  const { read } = call.parts.store
  const account = await userById(read, user)
  if (account === undefined) return { born() {}, ended() {} }
  const entity = await entityOfUser(read, account)
  return {
    born(token) {
      call.audit(tokenBirth(account, entity, token))
      logLine(call, entity, 'CREATION: created_by', account, token.id)
    },
    ended(token) {
      if (token.revoked === 1) return
      call.audit(tokenEnd(account, entity, token))
      logLine(call, entity, 'REVOCATION: revoked_by', account, token.id)
    },
  }
}

/** For a token that has just been made. */
export const auditBirth = async (call: Call, token: TokenRow): Promise<void> => {
  const story = await tokenStory(call, token.user_id)
  story.born(token)
}

/** What was tried in vain with a project's or group's tokens (GitLab names these failures). */
export const failedNote = (
  { kind }: Pick<BotHome, 'kind'>,
  entity: AuditEntity,
  tried: 'creation' | 'deletion',
  target: AuditNote['target'],
  why: string,
): AuditNote => ({
  name: `${kind}_access_token_${tried}_failed`,
  entity,
  target,
  message: `Attempted ${tried} of a ${kind} access token, but failed with message: ${why}`,
})

import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { placeOfTrigger, type Trigger } from '../../../store/triggers.ts'
import { shortTriggerToken } from '../../../tokens/short-token.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { maybeMoment, momentWords, wholeNumber, words } from '../entity-words.ts'
import { briefUsers, userBriefEntity } from '../users/user-brief.ts'
import { usesOf } from './last-use.ts'

/** gitlab `API::Entities::Trigger`. */
export const triggerEntity = z
  .object({
    id: wholeNumber,
    /** Whole for its owner; others see its first four characters. */
    token: words,
    description: words,
    created_at: momentWords,
    updated_at: momentWords,
    last_used: maybeMoment,
    expires_at: maybeMoment,
    owner: userBriefEntity.nullable(),
  })
  .meta({ id: 'Trigger' })

const tokenOf = (call: Call, trigger: Trigger): string => {
  const token = Secret.open(call.parts.sealer.open(trigger.sealed, placeOfTrigger(trigger.id)))
  return requireUser(call.caller).user.id === trigger.owner_id ? token : shortTriggerToken(token)
}

export const shapeTriggers = async (call: Call, triggers: readonly Trigger[]): Promise<z.output<typeof triggerEntity>[]> => {
  const owners = await briefUsers(
    call,
    triggers.map(({ owner_id }) => owner_id),
  )
  const used = await usesOf(call, 'trigger', triggers)
  return triggers.map((trigger) => ({
    id: trigger.id,
    token: tokenOf(call, trigger),
    description: trigger.description,
    created_at: trigger.created_at,
    updated_at: trigger.updated_at,
    last_used: used(trigger).at,
    expires_at: trigger.expires_at,
    owner: owners.get(trigger.owner_id) ?? null,
  }))
}

export const shapeTrigger = async (call: Call, trigger: Trigger) => (await shapeTriggers(call, [trigger]))[0]

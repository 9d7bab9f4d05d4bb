import { z } from 'zod'
import type { AuditRow } from '../../../store/activity/audit-list.ts'
import { maybeWords, momentWords, wholeNumber, words } from '../entity-words.ts'

/** What a fallback author has for a number in GitLab (`lib/gitlab/audit/*_author.rb`). */
const authorNumbers: Record<AuditRow['author_kind'], number> = {
  User: -1,
  Unauthenticated: -1,
  DeployToken: -2,
  DeployKey: -3,
  System: -1,
}

const authorId = ({ author_kind, author_id }: AuditRow): number =>
  author_kind === 'User' && author_id !== null ? author_id : authorNumbers[author_kind]

const authorClasses: Record<AuditRow['author_kind'], string> = {
  User: 'User',
  Unauthenticated: 'Gitlab::Audit::UnauthenticatedAuthor',
  DeployToken: 'Gitlab::Audit::DeployTokenAuthor',
  DeployKey: 'Gitlab::Audit::DeployKeyAuthor',
  System: 'System',
}

export const entityTypes = { User: 'User', Project: 'Project', Group: 'Group', Instance: 'Gitlab::Audit::InstanceScope' } as const

/** gitlab `API::Entities::AuditEvent`. What is told of an event depends on the event. */
export const auditEventEntity = z
  .object({
    id: wholeNumber,
    author_id: wholeNumber,
    entity_id: wholeNumber,
    entity_type: z.enum(Object.values(entityTypes)),
    event_name: words,
    details: z.object({
      event_name: words,
      author_name: words,
      author_class: words,
      author_email: maybeWords.optional(),
      target_id: z.union([wholeNumber, words]).nullable(),
      target_type: words,
      target_details: words,
      custom_message: words,
      ip_address: maybeWords,
      entity_path: words,
      change: words.optional(),
      from: maybeWords.optional(),
      to: maybeWords.optional(),
      reason: words.optional(),
      acted_by: words.optional(),
    }),
    created_at: momentWords,
  })
  .meta({ id: 'AuditEvent' })

const targetIdOf = (text: string): number | string | null => z.union([z.number(), z.string(), z.null()]).parse(JSON.parse(text))

const optionalDetails = (row: AuditRow) => ({
  ...(row.author_email !== null && { author_email: row.author_email }),
  ...(row.change_field !== null && { change: row.change_field, from: row.change_from, to: row.change_to }),
  ...(row.reason !== null && { reason: row.reason }),
  ...(row.acted_by !== null && { acted_by: row.acted_by }),
})

export const auditEventShape = (row: AuditRow): z.output<typeof auditEventEntity> => ({
  id: row.id,
  author_id: authorId(row),
  entity_id: row.entity_id,
  entity_type: entityTypes[row.entity_kind],
  event_name: row.name,
  details: {
    event_name: row.name,
    author_name: row.author_name,
    author_class: authorClasses[row.author_kind],
    target_id: targetIdOf(row.target_id),
    target_type: row.target_type,
    target_details: row.target_details,
    custom_message: row.message,
    ip_address: row.ip_address,
    entity_path: row.entity_path,
    ...optionalDetails(row),
  },
  created_at: row.created_at,
})

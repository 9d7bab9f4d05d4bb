import type { z } from 'zod'
import { groupEntity, projectEntity } from '../../../store/audit-entities.ts'
import { deleteGrant, trustOfGrant } from '../../../store/trust-grants.ts'
import type { Digest } from '../../../tokens/digest.ts'
import type { Call } from '../call.ts'
import { shapeTrust, type trustEntity } from './trust-shape.ts'

/** A token of a trust that was found somewhere: the trust that gave it, and how it is ended. */
export const foundGrant = async (
  call: Call,
  digest: Digest,
): Promise<{ shape(): Promise<z.output<typeof trustEntity>>; end(): Promise<void> } | undefined> => {
  const { read } = call.parts.store
  const trust = await trustOfGrant(read, digest)
  if (trust === undefined) return undefined
  return {
    shape: () => shapeTrust(call, trust),
    async end() {
      const entity =
        trust.project_id === null ? await groupEntity(read, trust.group_id) : await projectEntity(read, trust.project_id)
      await deleteGrant(call.parts.store, digest)
      call.audit({
        name: 'trust_token_revoked',
        entity: entity ?? { kind: 'Instance' },
        target: { type: 'Trust', id: trust.id, details: trust.name },
        message: `Revoked a token that trust ${trust.name} gave`,
      })
    },
  }
}

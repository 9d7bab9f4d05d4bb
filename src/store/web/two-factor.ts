import type { UserId } from '../../core/ids.ts'
import { Secret } from '../../core/secret.ts'
import { recoveryDigest } from '../../tokens/recovery-codes.ts'
import type { SealedPlace, Sealer } from '../../tokens/seal.ts'
import { stepOfCode } from '../../tokens/totp.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'

const placeOf = (user: UserId): SealedPlace => ({ table: 'two_factor', column: 'sealed', row: user })

/** Whether a code is asked of this user, and passwords alone open nothing. */
export const hasTwoFactor = async (read: Reader, user: UserId): Promise<boolean> => {
  const row = await read.selectFrom('users').select('two_factor_enabled').where('id', '=', user).executeTakeFirst()
  return row?.two_factor_enabled === 1
}

/** Takes one code of the authenticator. The step is raised by one statement, so that of two who bring it one is late. */
const takeCode = async (writer: Writer, sealer: Sealer, user: UserId, code: string, now: number): Promise<boolean> => {
  const row = await writer.selectFrom('two_factor').select('sealed').where('user_id', '=', user).executeTakeFirst()
  const step = row && stepOfCode(sealer.open(row.sealed, placeOf(user)), code, now)
  if (step === undefined) return false
  const { numUpdatedRows } = await writer
    .updateTable('two_factor')
    .set({ last_step: step })
    .where('user_id', '=', user)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const takeRecoveryCode = async (writer: Writer, user: UserId, code: string): Promise<boolean> => {
  const { numDeletedRows } = await writer
    .deleteFrom('recovery_codes')
    .where('user_id', '=', user)
    .where('digest', '=', recoveryDigest(new Secret(code)))
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Takes a code of either kind, once. */
export const takeSecondFactor = async (
  writer: Writer,
  sealer: Sealer,
  user: UserId,
  code: string,
  now: number,
): Promise<'authenticator' | 'recovery code' | 'wrong'> => {
  if (await takeCode(writer, sealer, user, code, now)) return 'authenticator'
  return (await takeRecoveryCode(writer, user, code)) ? 'recovery code' : 'wrong'
}

export const recoveryCodesLeft = async (read: Reader, user: UserId): Promise<number> => {
  const { left } = await read
    .selectFrom('recovery_codes')
    .select((count) => count.fn.countAll<number>().as('left'))
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow()
  return left
}

/** Puts new codes in the place of the old ones. */
export const replaceRecoveryCodes = async (writer: Writer, user: UserId, codes: readonly Secret[]): Promise<void> => {
  await writer.deleteFrom('recovery_codes').where('user_id', '=', user).execute()
  await writer
    .insertInto('recovery_codes')
    .values(codes.map((code) => ({ user_id: user, digest: recoveryDigest(code) })))
    .execute()
}

const setFlag = async (writer: Writer, user: UserId, flag: 0 | 1, now: number): Promise<void> => {
  await writer
    .updateTable('users')
    .set({ two_factor_enabled: flag, updated_at: instantOf(now) })
    .where('id', '=', user)
    .execute()
}

/** Asks for codes of this seed from now on; every session of the user ends. @param step of the code that proved it, which counts no more */
export const turnOnTwoFactor = async (
  writer: Writer,
  sealer: Sealer,
  user: UserId,
  proved: { readonly seed: Secret; readonly step: number; readonly codes: readonly Secret[] },
  now: number,
): Promise<void> => {
  await setFlag(writer, user, 1, now)
  await writer
    .insertInto('two_factor')
    .values({
      user_id: user,
      sealed: sealer.seal(proved.seed, placeOf(user)),
      last_step: proved.step,
      created_at: instantOf(now),
    })
    .execute()
  await replaceRecoveryCodes(writer, user, proved.codes)
}

/** Passwords alone open again; every session of the user ends. */
export const turnOffTwoFactor = async (writer: Writer, user: UserId, now: number): Promise<void> => {
  await setFlag(writer, user, 0, now)
  await writer.deleteFrom('two_factor').where('user_id', '=', user).execute()
  await writer.deleteFrom('recovery_codes').where('user_id', '=', user).execute()
}

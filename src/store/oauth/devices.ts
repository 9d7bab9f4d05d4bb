import type { Selectable } from 'kysely'
import type { ApplicationId, OauthDeviceId, UserId } from '../../core/ids.ts'
import type { Secret } from '../../core/secret.ts'
import type { Application } from '../../oauth/application.ts'
import { deviceLife, pollInterval } from '../../oauth/lives.ts'
import { makeUserCode, plainUserCode } from '../../oauth/user-code.ts'
import { digestOf, digestOfText } from '../../tokens/digest.ts'
import { makeBareToken } from '../../tokens/make.ts'
import { instantOf } from '../instant.ts'
import { scopesOf } from '../lookups.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import { toApplication } from './applications.ts'
import type { OauthDevicesTable } from './schema.ts'

export type DeviceRow = Selectable<OauthDevicesTable>

/** A device that waits for somebody to let it in. */
export interface WaitingDevice {
  readonly id: OauthDeviceId
  readonly application: Application
  readonly scopes: readonly string[]
}

export interface NewDevice {
  readonly deviceCode: Secret
  /** What its user types elsewhere, and no secret: it names the device, and whoever types it signs in. */
  readonly userCode: string
}

export const makeDevice = async (
  store: Store,
  device: { readonly applicationId: ApplicationId; readonly scopes: readonly string[] },
  now: number,
): Promise<NewDevice> => {
  const { secret, digest } = makeBareToken()
  const userCode = makeUserCode()
  await store.write
    .insertInto('oauth_devices')
    .values({
      application_id: device.applicationId,
      device_digest: digest,
      user_code_digest: digestOfText(userCode),
      scopes: JSON.stringify(device.scopes),
      state: 'waiting',
      user_id: null,
      answered_at: null,
      polled_at: null,
      poll_interval: pollInterval,
      created_at: instantOf(now),
      expires_at: instantOf(now + deviceLife),
    })
    .execute()
  return { deviceCode: secret, userCode }
}

/** The device whose code somebody typed, in any case, with dashes and blanks or without; undefined once it is over. */
export const findDeviceByUserCode = async (read: Reader, userCode: string, now: number): Promise<WaitingDevice | undefined> => {
  const row = await read
    .selectFrom('oauth_devices')
    .selectAll()
    .where('user_code_digest', '=', digestOfText(plainUserCode(userCode)))
    .where('state', '=', 'waiting')
    .where('expires_at', '>', instantOf(now))
    .executeTakeFirst()
  if (row === undefined) return undefined
  const application = await read
    .selectFrom('oauth_applications')
    .selectAll()
    .where('id', '=', row.application_id)
    .executeTakeFirst()
  return application && { id: row.id, application: toApplication(application), scopes: scopesOf(row.scopes) }
}

/** Lets a device in as a user, or not. Whether it was still waiting. */
export const answerDevice = async (
  store: Store,
  id: OauthDeviceId,
  answer: { readonly userId: UserId } | 'denied',
  now: number,
): Promise<boolean> => {
  const change = answer === 'denied' ? ({ state: 'denied' } as const) : ({ state: 'granted', user_id: answer.userId } as const)
  const { numUpdatedRows } = await store.write
    .updateTable('oauth_devices')
    .set({ ...change, answered_at: instantOf(now) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('expires_at', '>', instantOf(now))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const deviceBySecret = (read: Reader, secret: Secret): Promise<DeviceRow | undefined> =>
  read.selectFrom('oauth_devices').selectAll().where('device_digest', '=', digestOf(secret)).executeTakeFirst()

/** Notes that a device asked, and how long it has to wait now. */
export const notePoll = async (transaction: Writer, { id }: DeviceRow, interval: number, now: number): Promise<void> => {
  await transaction
    .updateTable('oauth_devices')
    .set({ polled_at: instantOf(now), poll_interval: interval })
    .where('id', '=', id)
    .execute()
}

/** Whether it is this caller who uses the answer: of two at a time, one. */
export const useDevice = async (transaction: Writer, { id }: DeviceRow): Promise<boolean> => {
  const { numUpdatedRows } = await transaction
    .updateTable('oauth_devices')
    .set({ state: 'used' })
    .where('id', '=', id)
    .where('state', '=', 'granted')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

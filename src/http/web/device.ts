import { answerDevice, findDeviceByUserCode, type WaitingDevice } from '../../store/oauth/devices.ts'
import { AccountLock } from './account-lock.ts'
import { addresses } from './addresses.ts'
import { because, type PageAnswer, type WebAnswer } from './answer.ts'
import { authorizedNote } from './consent.ts'
import { html } from './html.ts'
import { field, form, hidden, problems } from './layout.ts'
import type { Page } from './page.ts'
import { scopeList } from './scope-list.ts'
import { shownName } from './shown-name.ts'
import { fieldOf, recordEvents, type SignedVisit } from './visit.ts'

const name = 'user_code'

const askForCode = (visit: SignedVisit, code: string | undefined, problem?: { text: string; reason: string }): PageAnswer => ({
  kind: 'page',
  status: problem === undefined ? 200 : 422,
  title: 'Let a device in',
  body: html`${problems(problem?.text)}${form(
    visit,
    addresses.device,
    html`${field({
      name,
      label: 'Code that the device shows',
      autocomplete: 'off',
      value: code?.slice(0, 64),
      hint: 'Eight letters and digits. Go on only if you started this on the device yourself.',
      problem: problem?.text,
      focused: true,
    })}<button>Continue</button>`,
  )}`,
  ...(problem && { log: because(problem.reason) }),
})

const show = async (visit: SignedVisit): Promise<WebAnswer> => askForCode(visit, fieldOf(visit.query, name))

/** Codes are short, so wrong ones are counted for whoever types them. */
const deviceOf = async (visit: SignedVisit, code: string): Promise<WaitingDevice | PageAnswer> => {
  const { parts, session, now } = visit
  const lock = new AccountLock(parts.tries, 'device')
  if (lock.isLocked(session.user.id, now)) {
    return askForCode(visit, code, { text: 'Too many wrong codes. Wait for ten minutes.', reason: 'device_codes_locked' })
  }
  const device = await findDeviceByUserCode(parts.store.read, code, now)
  if (device !== undefined) return device
  lock.fail(session.user.id, now)
  return askForCode(visit, code, {
    text: 'No device waits with this code, or it waited too long.',
    reason: 'device_code_unknown',
  })
}

const isPage = (found: WaitingDevice | PageAnswer): found is PageAnswer => 'kind' in found

const confirm = (visit: SignedVisit, { application, scopes }: WaitingDevice, code: string): PageAnswer => {
  const carried = html`${hidden(name, code)}${hidden('decision', 'made')}`
  return {
    kind: 'page',
    status: 200,
    title: `Let ${shownName(application)} in?`,
    body: html`<p>A device that shows the code <code>${code}</code> asks to act as <strong>${visit.session.account.username}</strong> in <strong>${shownName(application)}</strong>. It would be able to:</p>
${scopeList(scopes)}
<p class="quiet">Agree only if the device is before you and shows this very code.</p>
${form(visit, addresses.device, html`${carried}<button>Authorize</button>`)}
${form(visit, addresses.device, html`${carried}<button class="second">Deny</button>`, 'DELETE')}`,
  }
}

const done = (title: string, text: string): PageAnswer => ({
  kind: 'page',
  status: 200,
  title,
  body: html`<p role="status">${text}</p>`,
})

const answer = async (visit: SignedVisit, decide: 'granted' | 'denied'): Promise<WebAnswer> => {
  const code = fieldOf(visit.form, name) ?? ''
  const device = await deviceOf(visit, code)
  if (isPage(device)) return device
  const { parts, session, now } = visit
  const decision = decide === 'granted' ? { userId: session.user.id } : ('denied' as const)
  if (!(await answerDevice(parts.store, device.id, decision, now))) {
    return askForCode(visit, code, { text: 'The device was answered already.', reason: 'device_code_unknown' })
  }
  if (decide === 'denied') return done('The device was denied', 'It gets nothing. You may close this page.')
  await recordEvents(visit, session.account, [authorizedNote(visit, device.application, device.scopes)])
  return done('The device is let in', 'Go back to it; it will go on by itself. You may close this page.')
}

const submit = async (visit: SignedVisit): Promise<WebAnswer> => {
  if (fieldOf(visit.form, 'decision') !== undefined) return answer(visit, 'granted')
  const code = fieldOf(visit.form, name) ?? ''
  const device = await deviceOf(visit, code)
  return isPage(device) ? device : confirm(visit, device, code)
}

/** RFC 8628, 3.3: what a person does whose device has no browser. */
export const devicePages: readonly Page[] = [
  { method: 'GET', path: addresses.device, who: 'signed-in', handler: show },
  { method: 'POST', path: addresses.device, who: 'signed-in', handler: submit },
  { method: 'DELETE', path: addresses.device, who: 'signed-in', handler: (visit) => answer(visit, 'denied') },
]

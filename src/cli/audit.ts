import type { Settings } from '../config.ts'
import { type ChainFault, type ChainHead, type ChainReport, verifyChain } from '../store/activity/verify-chain.ts'
import { inOpenedHome } from './opened-home.ts'
import { counted, json, lines, type Output } from './output.ts'

/** One line for a person. */
export const chainFaultInWords = (fault: ChainFault): string => {
  switch (fault.kind) {
    case 'changed':
      return `audit event ${fault.id} is not as it was written, or the one before it is not`
    case 'moved':
      return `audit event ${fault.id} was written as number ${fault.from}: they were reordered`
    case 'missing':
      return fault.from === fault.to
        ? `audit event ${fault.from} is missing`
        : `audit events ${fault.from} to ${fault.to} are missing`
    case 'rewritten':
      return `audit event ${fault.id} has another digest than the given one: it, or one before it, was written anew`
  }
}

const reportInWords = ({ events, head, faults }: ChainReport): string[] => {
  const last = `the head is ${head.id}:${head.digest}`
  if (faults.length === 0) return [`${counted(events, 'audit event')}, each as it was written; ${last}`]
  return [...faults.map(chainFaultInWords), `${counted(events, 'audit event')}, and their chain is broken; ${last}`]
}

/** Follows the chain of audit events. The exit code is 1 where it is broken. */
export const verifyAudit = (settings: Settings, noted: ChainHead | undefined): Promise<Output> =>
  inOpenedHome(settings, async ({ store }) => {
    const report = await verifyChain(store, noted)
    if (report.faults.length > 0) process.exitCode = 1
    return settings.json ? json(report) : lines(reportInWords(report))
  })

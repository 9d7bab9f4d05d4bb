import { readFile, stat } from 'node:fs/promises'
import type { Server } from 'node:https'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { WrongSetting } from '../config.ts'
import type { Logger } from '../log.ts'

/** How often the files are looked at, in milliseconds. */
const lookEvery = 2_000

/** What GitLab's nginx says where it serves TLS: two years, for this host alone (omnibus-gitlab, `nginx['hsts_max_age']`). */
export const strictTransport = 'max-age=63072000'

/** Whatever the machine's own configuration would allow. They are given anew with each certificate, or would be lost by it. */
const protocols = { minVersion: 'TLSv1.2' } as const satisfies SecureContextOptions

export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

export type CertificatePair = typeof protocols & {
  readonly cert: Buffer
  readonly key: Buffer
}

const because = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault))

/** Reads both files and makes sure that they belong together. Throws `WrongSetting` where they cannot be used. */
export const readCertificate = async ({ certificate, key: keyFile }: CertificateFiles): Promise<CertificatePair> => {
  try {
    const [cert, key] = await Promise.all([readFile(certificate), readFile(keyFile)])
    createSecureContext({ cert, key })
    return { cert, key, ...protocols }
  } catch (fault) {
    const files = `${certificate} and ${keyFile}`
    throw new WrongSetting(
      `SALLYPORT_TLS_CERT (--tls-cert), SALLYPORT_TLS_KEY (--tls-key): ${files} cannot be used (${because(fault)})`,
    )
  }
}

const stampOf = async ({ certificate, key }: CertificateFiles): Promise<string> => {
  const states = await Promise.all([certificate, key].map((path) => stat(path, { bigint: true })))
  return states.map(({ ino, size, mtimeNs }) => `${ino}/${size}/${mtimeNs}`).join(' ')
}

/**
 * Takes a renewed certificate for new connections. Files that do not fit together, as while they are being replaced,
 * leave the old pair in use. Returns the way to stop.
 */
export const followCertificate = (server: Server, files: CertificateFiles, log: Logger): (() => void) => {
  let seen: string | undefined
  const look = async () => {
    const stamp = await stampOf(files)
    if (stamp === seen) return
    if (seen !== undefined) {
      server.setSecureContext(await readCertificate(files))
      log.info('the TLS certificate was read again')
    }
    seen = stamp
    told = undefined
  }
  // It is tried again at each look, and told once.
  let told: string | undefined
  const attempt = () =>
    look().catch((fault: unknown) => {
      if (told !== because(fault)) log.error({ err: fault }, 'the TLS certificate could not be read')
      told = because(fault)
    })
  void attempt()
  const timer = setInterval(attempt, lookEvery).unref()
  return () => clearInterval(timer)
}

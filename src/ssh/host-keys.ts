import ssh2, { type ParsedKey } from 'ssh2'

const rsaSignatures = ['rsa-sha2-512', 'rsa-sha2-256'] as const

/** The same key, under the name of one of its signatures. */
const named = (key: ParsedKey, type: (typeof rsaSignatures)[number]): ParsedKey => Object.create(key, { type: { value: type } })

/**
 * Reads private host keys. ssh2 would offer an RSA key as `ssh-rsa`, which signs with SHA-1, whatever list of
 * algorithms it is given; under the names of its SHA-2 signatures it is offered as these alone. Throws for what is no
 * private key.
 */
export const readHostKeys = (texts: readonly string[]): ParsedKey[] =>
  texts.flatMap((text) => {
    const key = ssh2.utils.parseKey(text)
    if (key instanceof Error) throw new Error(`a host key cannot be read: ${key.message}`)
    return key.type === 'ssh-rsa' ? rsaSignatures.map((type) => named(key, type)) : [key]
  })

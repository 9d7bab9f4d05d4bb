import type { Algorithms } from 'ssh2'
import { hybridExchange } from './hybrid-exchange.ts'

/**
 * What the door offers: nothing that rests on SHA-1 or on NIST's curves, no compression, no group exchange. In SSH the
 * client's order decides, so ours has no meaning.
 */
export const algorithms = {
  kex: [
    hybridExchange,
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Omit<Algorithms, 'kex'> & { readonly kex: readonly string[] }

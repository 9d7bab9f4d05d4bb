import { Secret } from '../core/secret.ts'

/** An authorization code for the one redirect that carries it; what it opens is asked for once, and soon. */
export const textOfCode = (code: Secret): string => Secret.open(code)

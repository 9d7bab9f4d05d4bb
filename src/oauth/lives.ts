/** All in milliseconds. */
const minute = 60_000

/** Of an authorization code (doorkeeper's standard, and the most that RFC 6749, 4.1.2 recommends). */
export const codeLife = 10 * minute

/** Of an access token (GitLab docs, "OAuth 2.0 identity provider API": two hours, for all applications). */
export const accessLife = 120 * minute

/** Of a device's code (GitLab docs, "Device authorization grant flow"). */
export const deviceLife = 5 * minute

/** For how long a used code and a replaced token are remembered, so that their second use is seen. */
export const memoryOfUsed = 90 * 24 * 60 * minute

/** For how long a device that comes too late is told so. */
export const deviceMemory = 60 * minute

/** Of an ID token (doorkeeper-openid_connect's standard). */
export const idTokenLife = 2 * minute

/** A device that is early by so much is not too fast: clocks differ, and so do ways. */
export const pollSlack = 500

/** Seconds that a device waits between two questions, and what is added where it does not (RFC 8628, 3.5). */
export const pollInterval = 5
export const slowerBy = 5

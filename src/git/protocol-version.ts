/** Of git's wire protocol. */
export type ProtocolVersion = 0 | 1 | 2

/**
 * The version that a client asks for: the highest that it names (`determine_protocol_version_server` of git's `protocol.c`).
 * @param wish its `Git-Protocol` header or `GIT_PROTOCOL`
 */
export const protocolVersion = (wish: string | undefined): ProtocolVersion => {
  const words = new Set((wish ?? '').split(':'))
  if (words.has('version=2')) return 2
  return words.has('version=1') ? 1 : 0
}

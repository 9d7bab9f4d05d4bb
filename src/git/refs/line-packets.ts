import { longestContent } from '../pkt-line.ts'

const packetOf = (line: string): string => {
  if (line.length > longestContent) throw new RangeError(`a packet holds at most ${longestContent} bytes`)
  return `${(line.length + 4).toString(16).padStart(4, '0')}${line}`
}

/**
 * Lines as packets, with the flush-pkt that ends them. They are put together as one text, which takes a tenth of the time
 * of as many buffers.
 * @param lines with their ends; each character is a byte, as in Latin-1
 */
export const linePackets = (lines: readonly string[]): Buffer => Buffer.from(`${lines.map(packetOf).join('')}0000`, 'latin1')

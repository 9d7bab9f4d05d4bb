/** From this size on it is worth it to give memory back by hand, in bytes. */
const largeSize = 4_096

/**
 * Gives the memory of a large buffer back at once, where the buffer is all that lies in it: nobody may look at it any
 * more. Left to the collector, the memory that a clone passes through would make it go over the whole heap every 20 MiB.
 */
export const giveBack = ({ buffer, length }: Buffer): void => {
  if (length >= largeSize && buffer.byteLength === length && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

const passing = new WeakSet<Buffer>()

/** Says of a buffer that it comes by once: whoever has sent it, or has made a copy, is the last to need it. */
export const markPassing = (bytes: Buffer): void => {
  passing.add(bytes)
}

/** For whoever is the last to need a buffer, if it passes; what somebody else may still hold is left alone. */
export const letPass = (bytes: Buffer): void => {
  if (passing.delete(bytes)) giveBack(bytes)
}

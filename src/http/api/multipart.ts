/** The fields of a form that came as `multipart/form-data`, in their order. */
export class Fields {
  readonly pairs: readonly (readonly [string, string])[]

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = pairs
  }
}

/** Reads a whole body; undefined where it is none. Files are left out: nothing here takes one. */
export const readFields = async (body: Buffer<ArrayBuffer>, contentType: string): Promise<Fields | undefined> => {
  try {
    const form = await new Response(body, { headers: { 'Content-Type': contentType } }).formData()
    return new Fields([...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])))
  } catch {
    return undefined
  }
}

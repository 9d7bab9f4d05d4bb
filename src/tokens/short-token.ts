const prefix = 'glptt-'

/** What others than its owner may see of a trigger's token (gitlab `Ci::Trigger#short_token`). */
export const shortTriggerToken = (token: string): string => token.slice(token.startsWith(prefix) ? prefix.length : 0).slice(0, 4)

import packageFile from '../package.json' with { type: 'json' }

/** Our own version. The one that clients see names the GitLab release that we follow in front of it. */
export const version: string = packageFile.version

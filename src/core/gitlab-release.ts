/** The release of GitLab whose behaviour is followed. */
export const gitlabRelease = '18.5.0'

import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { throwForDisk } from '../../src/git/disk-complaint.ts'

const lock = "'/srv/repos/01/1.git/./refs/heads/x.lock'"

test.each([
  [`error: unable to write file ./objects/1a/x: No space left on device\nfatal: unable to write tag\n`, 'ENOSPC'],
  [`fatal: cannot lock ref 'refs/heads/x': Unable to create ${lock}: Read-only file system\n`, 'EROFS'],
  ['fatal: fsync error on x: Input/output error', 'EIO'],
  ['fatal: write error: Disk quota exceeded', 'EDQUOT'],
  // There is room here, so that it is not that.
  [`fatal: cannot update ref 'refs/heads/x': couldn't write ${lock}\n`, 'EIO'],
])('%j: %s', async (complaint, code) => {
  await expect(throwForDisk(complaint, tmpdir())).rejects.toMatchObject({ code })
})

test.each([
  '',
  `fatal: cannot lock ref 'refs/heads/x': is at 1 but expected 2\n`,
  `fatal: cannot lock ref 'refs/heads/x': Unable to create ${lock}: File exists.\n`,
  `fatal: refs/heads/couldn't write: no such ref`,
])('%j is no fault of the disk', async (complaint) => {
  await expect(throwForDisk(complaint, tmpdir())).resolves.toBeUndefined()
})

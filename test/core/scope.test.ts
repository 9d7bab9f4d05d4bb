import { expect, test } from 'vitest'
import { abilitiesForScopes, accessTokenScopes, isOfferedScope } from '../../src/core/scope.ts'

test.each([
  ['api', 'read_project download_code read_container_image push_code create_container_image admin_container_image'],
  ['read_api', 'read_project download_code read_container_image'],
  ['read_repository', 'download_code'],
  ['write_repository', 'download_code push_code'],
  ['read_registry', 'read_container_image'],
  ['write_registry', 'create_container_image'],
  ['read_user', ''],
  ['sudo', ''],
  ['self_rotate', ''],
  ['no_such_scope', ''],
  ['constructor', ''],
  ['read_registry write_registry', 'read_container_image create_container_image'],
])('%s gives [%s]', (scopes, abilities) => {
  expect([...abilitiesForScopes(scopes.split(' '))].join(' ')).toBe(abilities)
})

test.each([
  [true, ['read_virtual_registry', 'write_virtual_registry']],
  [false, ['read_registry', 'write_registry', 'read_virtual_registry', 'write_virtual_registry']],
])('with a registry: %s, all scopes are offered but %j', (registryEnabled, missing) => {
  expect(accessTokenScopes.filter((scope) => !isOfferedScope(scope, { registryEnabled }))).toEqual(missing)
  expect(isOfferedScope('no_such_scope', { registryEnabled })).toBe(false)
  expect(isOfferedScope('read_package_registry', { registryEnabled })).toBe(false)
})

import { registryService } from './sign.ts'

/** The part of a registry's configuration that says whom it believes (distribution's documentation, "auth: token"). */
export interface RegistryConfiguration {
  readonly auth: {
    readonly token: {
      readonly realm: string
      readonly service: string
      readonly issuer: string
      readonly rootcertbundle: string
    }
  }
}

/**
 * @param url the public base URL
 * @param bundle the file of certificates, as the registry finds it
 */
export const configurationOf = (url: string, bundle: string): RegistryConfiguration => ({
  auth: { token: { realm: `${url}/jwt/auth`, service: registryService, issuer: url, rootcertbundle: bundle } },
})

/** YAML: a text between double quotes is written as in JSON. */
export const configurationLines = ({ auth: { token } }: RegistryConfiguration): readonly string[] => [
  'auth:',
  '  token:',
  ...Object.entries(token).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`),
]

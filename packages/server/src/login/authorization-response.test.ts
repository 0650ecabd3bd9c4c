import { describe, expect, test } from 'vitest'
import { readAuthorizationResponse } from './authorization-response.ts'
import { readParameters } from './parameters.ts'

const ISSUER = 'https://login.example.com'
const read = (query: string, namesIssuer = true) =>
  readAuthorizationResponse(readParameters(query) ?? new Map(), { issuer: ISSUER, namesIssuer })
const ISS = `iss=${encodeURIComponent(ISSUER)}`

describe('must pass', () => {
  test('a code of the provider that was asked', () => expect(read(`code=c&${ISS}`)).toEqual({ code: 'c' }))
  test('without `iss`, where the provider never says it', () => expect(read('code=c', false)).toEqual({ code: 'c' }))
  test('with what nobody knows', () => expect(read(`code=c&${ISS}&session_state=x`)).toEqual({ code: 'c' }))
})

describe('refused', () => {
  test.each([
    { note: 'no `iss` although it is promised', query: 'code=c', fault: 'login.issuer' },
    { note: 'another provider', query: 'code=c&iss=https%3A%2F%2Fevil.example', fault: 'login.issuer' },
    { note: 'a slash more', query: `code=c&${ISS}%2F`, fault: 'login.issuer' },
    { note: 'other case', query: `code=c&${ISS.toUpperCase().replace('ISS', 'iss')}`, fault: 'login.issuer' },
    {
      note: 'an error of another provider is not looked at',
      query: 'error=access_denied&iss=https%3A%2F%2Fevil.example',
      fault: 'login.issuer',
    },
    { note: 'an error without the promised `iss`', query: 'error=access_denied', fault: 'login.issuer' },
    { note: 'a refusal', query: `error=access_denied&${ISS}`, fault: 'login.refused' },
    { note: 'a refusal with a code', query: `error=access_denied&code=c&${ISS}`, fault: 'login.refused' },
    { note: 'an error nobody knows', query: `error=__proto__&${ISS}`, fault: 'login.refused' },
    { note: 'an outage', query: `error=temporarily_unavailable&${ISS}`, fault: 'login.provider_unavailable' },
    { note: 'a failure', query: `error=server_error&${ISS}`, fault: 'login.provider_unavailable' },
    { note: 'less than was asked', query: `error=unmet_authentication_requirements&${ISS}`, fault: 'login.not_enough' },
    { note: 'neither code nor error', query: ISS, fault: 'login.state' },
    { note: 'an empty code', query: `code=&${ISS}`, fault: 'login.state' },
  ])('$note', ({ query, fault }) => expect(read(query)).toEqual({ fault }))

  test('another `iss` where the provider never says it', () =>
    expect(read('code=c&iss=https%3A%2F%2Fevil.example', false)).toEqual({ fault: 'login.issuer' }))
})

test('a parameter that is repeated is no parameter', () => {
  for (const query of ['code=a&code=b', 'code=a&code=a', 'state=a&code=c&%73tate=b']) expect(readParameters(query)).toBeNull()
})

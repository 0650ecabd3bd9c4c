// Recorded attacks whose surface is that of a gateway, a token or a policy, but whose feature this product does not have.
// Whoever adds the feature takes its line out, and the case must then be played.

/** What is missing, by the id of the case. */
export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'FY-2026-33806': 'conditions over request bodies',
  'SKIP-2026-50197': 'conditions over request bodies',
  'SKIP-2022-34296': 'conditions over the query',
  'APISIX-2022-24112': 'requests that hold several requests',
  'APISIX-2026-47341': 'proofs of possession and signed requests, which could be replayed',
  'TR-2026-71326': 'introspection of tokens and passwords, which would be looked up at the same time',
  'AU-2026-47203': 'passwords, which only the identity provider asks for',
  'DEV-2026-45337': 'logins that one device asks for and another one confirms',
  'BND-2024-1052': 'tokens bound to a certificate or to a proof of possession',
}

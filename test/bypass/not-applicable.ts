// Recorded attacks whose surface is that of a gateway, a token or a policy, but whose feature this product does not have.
// Whoever adds the feature takes its line out, and the case must then be played.

/** What is missing, by the id of the case. */
export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'FY-2026-33806': 'conditions over request bodies',
  'SKIP-2026-50197': 'conditions over request bodies',
  'SKIP-2022-34296': 'conditions over the query',
  'APISIX-2022-24112': 'requests that hold several requests',
  'APISIX-2026-47341': 'proofs of possession, signed requests and API keys, which could be replayed',
  'NODE-2026-21713': 'credentials that are compared with a stored secret',
  'TR-2026-71326': 'introspection of tokens and passwords, which would be looked up at the same time',
  'BND-2024-1052': 'tokens bound to a certificate or to a proof of possession',
}

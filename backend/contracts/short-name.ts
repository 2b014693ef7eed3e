/** Names of nodes, zones, regions, providers: letters, digits, dot, dash, underscore. Apart from the schemas, which take long to load. */
export const shortNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$';

/** Label and taint of nodes that may be taken away at any moment. */
export const elasticNodes = { key: "datalab.dev/elastic", value: "true" } as const;

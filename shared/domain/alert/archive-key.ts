/** `v2/alerts/{first 6 digits}/{id}.avro.gz`: the layout of Rubin's archive (alert_database_ingester, storage v2). */
export const alertKey = (diaSourceId: bigint): string =>
  `v2/alerts/${diaSourceId.toString().slice(0, 6)}/${diaSourceId}.avro.gz`;

/** `v2/schemas/{id}.json`. */
export const schemaKey = (schemaId: number): string => `v2/schemas/${schemaId}.json`;

/** Avro types of a field; `timestamp` is a long of microseconds since 1970 UTC (logical type timestamp-micros). */
export type FieldType = 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes' | 'timestamp';

/** One column: its name, its type (`?` behind it: nullable, null by default) and what it holds, with the unit. */
export type Field = readonly [name: string, type: FieldType | `${FieldType}?`, doc: string];

/** The columns of one record, in the order of the wire. */
export type FieldTable = readonly Field[];

/** A field of the top record, which may also hold one of the other records, or a list of them. */
export type AlertField = readonly [
  name: string,
  type: Field[1] | `${'record' | 'list'}:${string}`,
  doc: string,
];

/** All tables of one version of the alert schema; the fields of `alert` name those in `records`. */
export interface AlertTables {
  readonly alert: readonly AlertField[];
  readonly records: Readonly<Record<string, FieldTable>>;
}

interface Values {
  boolean: boolean;
  int: number;
  long: bigint;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
  timestamp: bigint;
}

type ValueOf<T> = T extends `${infer S extends FieldType}?`
  ? Values[S] | null
  : T extends FieldType
    ? Values[T]
    : never;

/** The row that a table describes: 64-bit integers are bigint, what is absent is null. */
export type RowOf<T extends FieldTable> = { -readonly [F in T[number] as F[0]]: ValueOf<F[1]> };

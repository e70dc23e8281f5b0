import { Fault, type FaultCode, faults } from 'openfaas-sdk-ts';

/**
 * Error names of the Kafka protocol (`MESSAGE_TOO_LARGE`, ...) anywhere in an error. Both clients wrap what the
 * broker said several times over: @platformatic/kafka in `errors` and `cause` (`apiId`), kafkajs in `cause` (`type`).
 */
export function protocolErrors(error: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (one: unknown): void => {
    if (!(one instanceof Error)) return;
    if ('apiId' in one && typeof one.apiId === 'string') found.add(one.apiId);
    if ('type' in one && typeof one.type === 'string') found.add(one.type);
    if (one.name === 'KafkaJSSASLAuthenticationError') found.add('SASL_AUTHENTICATION_FAILED');
    if ('errors' in one && Array.isArray(one.errors)) one.errors.forEach(visit);
    visit(one.cause);
  };
  visit(error);
  return found;
}

/** The broker knows who asks and does not let them: no repetition helps. */
export const isRefusal = (errors: ReadonlySet<string>): boolean =>
  [...errors].some((name) =>
    /AUTHENTICATION_FAILED|AUTHORIZATION_FAILED|ILLEGAL_SASL_STATE|UNSUPPORTED_SASL/.test(name),
  );

export const isTooLarge = (errors: ReadonlySet<string>): boolean =>
  errors.has('MESSAGE_TOO_LARGE') || errors.has('RECORD_LIST_TOO_LARGE');

export const isCoordinatorAway = (errors: ReadonlySet<string>): boolean =>
  errors.has('GROUP_LOAD_IN_PROGRESS') || errors.has('GROUP_COORDINATOR_NOT_AVAILABLE');

/** What kafkajs joins its group again for: the error among an error's causes that says so. */
export function rebalanceIn(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const type = 'type' in error ? String(error.type) : '';
  return rebalances.has(type) ? error : rebalanceIn(error.cause);
}

const rebalances: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** What Kafka said, or the way to it, as a fault: of a record, or of the dependency `kafka`. `what` begins the sentence. */
export function kafkaFault(error: unknown, what: string): Fault {
  if (error instanceof Fault) return error;
  const [code, sentence] = explain(protocolErrors(error));
  const dependency = faults[code].blame === 'dependency' ? 'kafka' : undefined;
  return new Fault(code, `${what}: ${sentence} (${innermost(error)}).`, { cause: error, dependency });
}

function explain(errors: ReadonlySet<string>): [FaultCode, string] {
  if (isRefusal(errors)) return ['NS_DEPENDENCY_REFUSED', 'Kafka refuses these credentials'];
  if (isTooLarge(errors)) return ['NS_RECORD_TOO_LARGE', 'a record is larger than the topic accepts'];
  if (errors.has('INVALID_RECORD') || errors.has('POLICY_VIOLATION')) {
    return ['NS_ITEM_REFUSED', 'a rule of the topic refuses the record'];
  }
  if (errors.has('UNKNOWN_TOPIC_OR_PARTITION')) {
    return ['NS_DEPENDENCY_UNAVAILABLE', 'Kafka knows no such topic; create it'];
  }
  return ['NS_DEPENDENCY_UNAVAILABLE', 'Kafka does not answer, or not in time'];
}

/** The message at the bottom of an error's causes: the outer ones say that something failed five times. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause) return innermost(error.cause);
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return innermost(error.errors.at(-1));
  return error.message;
}

import { Fault } from 'openfaas-sdk-ts';

/** A Kafka cluster, and as whom it is reached. */
export interface KafkaAddress {
  /** `host:port` of some of its brokers, with commas between. */
  readonly brokers: string;
  readonly sasl?: {
    /** SCRAM-SHA-512 where it is absent. */
    readonly mechanism?: 'SCRAM-SHA-512' | 'SCRAM-SHA-256' | 'PLAIN';
    readonly username: string;
    readonly password: string;
  };
  /** TLS; the system's authorities are trusted, and those of NODE_EXTRA_CA_CERTS. */
  readonly ssl?: boolean;
  /** Shown in the brokers' logs and metrics. */
  readonly clientId?: string;
}

/** An address as both clients take it. @throws Fault NS_CONFIGURATION for a broker that is not `host:port`. */
export function parseAddress({ brokers, sasl, ssl = false, clientId = 'nightshift' }: KafkaAddress) {
  const list = brokers.split(',').map((broker) => broker.trim());
  const wrong = list.find((broker) => !/^([^\s:]+|\[[^\]]+\]):\d+$/.test(broker));
  if (wrong !== undefined) {
    throw new Fault('NS_CONFIGURATION', `The Kafka broker "${wrong}" is not of the form host:port.`);
  }
  const mechanism = sasl?.mechanism ?? 'SCRAM-SHA-512';
  return { brokers: list, sasl: sasl && { ...sasl, mechanism }, ssl, clientId };
}

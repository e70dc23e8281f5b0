// What faas-cli 0.18.12 reads of stack.yml (go-sdk/stack), and nothing else: it drops unknown keys without a word.

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text, uniqueItems: true } as const;
/** Numbers and booleans become strings on the way; null and lists are errors. */
const scalars = { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } } as const;
const resources = {
  type: 'object',
  additionalProperties: false,
  properties: {
    memory: { type: 'string', pattern: '^[0-9]+(Mi|Gi)$' },
    cpu: { type: 'string', pattern: '^([0-9]+m|[0-9]+(\\.[0-9]+)?)$' },
  },
} as const;

const fn = {
  type: 'object',
  additionalProperties: false,
  required: ['lang', 'handler', 'image', 'environment'],
  properties: {
    lang: text,
    handler: text,
    image: text,
    fprocess: text,
    environment: scalars,
    secrets: { ...texts, items: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' } },
    skip_build: { type: 'boolean' },
    constraints: texts,
    environment_file: texts,
    labels: scalars,
    limits: resources,
    requests: resources,
    readonly_root_filesystem: { type: 'boolean' },
    build_options: texts,
    annotations: scalars,
    namespace: text,
    build_args: scalars,
    platforms: text,
    build_secrets: scalars,
  },
} as const;

export const stackSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'provider', 'functions'],
  properties: {
    version: { const: '1.0' },
    provider: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: { name: { const: 'openfaas' }, gateway: text },
    },
    functions: {
      type: 'object',
      additionalProperties: false,
      // The cluster's rule for names; Community Edition answers every call with 405 above 15 functions.
      patternProperties: { '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$': fn },
      minProperties: 1,
      maxProperties: 15,
    },
    configuration: {
      type: 'object',
      additionalProperties: false,
      properties: {
        templates: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['name'],
            properties: { name: text, source: text },
          },
        },
        copy: texts,
      },
    },
  },
} as const;

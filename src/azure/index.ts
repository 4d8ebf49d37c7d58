export * from './data-lake';
export * from './encryption-key';
export * from './model-registry';
export * from './platform-stack';
export * from './private-network';
export * from './secret';
export * from './serverless-inference';
export * from './workload';

export * as core from './core';
export * as aws from './aws';
export * as google from './google';
export * as azure from './azure';

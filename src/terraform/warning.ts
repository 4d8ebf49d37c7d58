import { AnnotationMetadataEntryType } from 'cdktf';
import { IConstruct } from 'constructs';

/** A warning that synthesis prints. Without the stack trace of cdktf's own, which would name paths of the machine. */
export const warn = (construct: IConstruct, message: string): void =>
  construct.node.addMetadata(AnnotationMetadataEntryType.WARN, message);

import {
  EncryptionKeyProps,
  NamePrefixProps,
  PlatformStackCommonProps,
  PrivateNetworkProps,
  ResidencyProps,
  StackReportProps,
} from '../../common';
import { brandOf, isMarked } from '../brand';
import { Rule, Schema, flag, integer, list, literal, text, valueOf } from '../schema';
import { instance, retention } from './values';

export const namePrefixRules: Schema<NamePrefixProps> = {
  namePrefix: literal(
    text({
      pattern: /^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/,
      means: "lower-case letters, digits and '-', at most 10 characters, first a letter, last no '-'",
    }),
  ),
};

export const residencyRules: Schema<ResidencyProps> = {
  allowedRegions: list(literal(text()), { min: 1, unique: 'itself' }),
  regionGuard: flag,
};

export const stackReportRules: Schema<StackReportProps> = { report: flag };

export const platformStackRules: Schema<PlatformStackCommonProps> = {
  ...namePrefixRules,
  ...residencyRules,
  ...stackReportRules,
  securityProfile: instance('SecurityProfile', 'SecurityProfile.STANDARD or SecurityProfile.REGULATED'),
};

export const encryptionKeyRules: Schema<EncryptionKeyProps> = {
  retention,
  rotationDays: literal(integer({ min: 90, max: 365 })),
};

/** How a network finds private names: a value of core, or of the cloud's own class. */
export const privateDnsRule = (cloud: string): Rule =>
  valueOf(
    (value) => isMarked(value, 'PrivateDns') && [undefined, cloud].includes(brandOf(value)?.cloud),
    `made by PrivateDns.create(), PrivateDns.none() or ${cloud}.PrivateDns.from…`,
  );

export const privateNetworkRules = (cloud: string, logRetentionDays: Rule): Schema<PrivateNetworkProps> => ({
  logRetentionDays,
  privateDns: privateDnsRule(cloud),
  cidr: literal(
    text({
      pattern: /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)\/(1[6-9]|2[0-4])$/,
      means: 'an address range such as 10.0.0.0/16, with a prefix from /16 to /24',
    }),
  ),
  zones: literal(integer({ min: 2, max: 3 })),
  internetEgress: flag,
});

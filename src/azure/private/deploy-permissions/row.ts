/** Creating, reading, updating and deleting resources of a type. */
export const crud = (type: string): string =>
  ['delete', 'read', 'write'].map((verb) => `${type}/${verb}`).join(' ');

/** Putting something into a subnet. */
export const SUBNET =
  'Microsoft.Network/virtualNetworks/subnets/join/action Microsoft.Network/virtualNetworks/subnets/read';

/** Giving an identity to something. */
export const ASSIGN =
  'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action Microsoft.ManagedIdentity/userAssignedIdentities/read';

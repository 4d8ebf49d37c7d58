/**
 * GB of local NVMe disks by family and size, as EC2's DescribeInstanceTypes has them. Families that are not here have
 * network disks only, but for those of general use with a `d` in their name.
 */
const LOCAL_DISKS: Record<string, Record<string, number>> = {
  g4dn: { xlarge: 125, '2xlarge': 225, '4xlarge': 225, '8xlarge': 900, '12xlarge': 900, '16xlarge': 900 },
  g5: {
    ...{ xlarge: 250, '2xlarge': 450, '4xlarge': 600, '8xlarge': 900 },
    ...{ '12xlarge': 3800, '16xlarge': 1900, '24xlarge': 3800, '48xlarge': 7600 },
  },
  g6: {
    ...{ xlarge: 250, '2xlarge': 450, '4xlarge': 600, '8xlarge': 900 },
    ...{ '12xlarge': 3760, '16xlarge': 1880, '24xlarge': 3760, '48xlarge': 7520 },
  },
  g6e: {
    ...{ xlarge: 250, '2xlarge': 450, '4xlarge': 600, '8xlarge': 900 },
    ...{ '12xlarge': 3800, '16xlarge': 1900, '24xlarge': 3800, '48xlarge': 7600 },
  },
  g7: {
    ...{ '2xlarge': 440, '4xlarge': 875, '8xlarge': 930 },
    ...{ '12xlarge': 1900, '24xlarge': 3800, '48xlarge': 7600 },
  },
  g7e: {
    ...{ '2xlarge': 1900, '4xlarge': 1900, '8xlarge': 1900 },
    ...{ '12xlarge': 3800, '24xlarge': 7600, '48xlarge': 15200 },
  },
  p3dn: { '24xlarge': 1800 },
  p4d: { '24xlarge': 8000 },
  p4de: { '24xlarge': 8000 },
  p5: { '4xlarge': 3800, '48xlarge': 30400 },
  p5e: { '48xlarge': 30400 },
  p5en: { '48xlarge': 30400 },
  'p6-b200': { '48xlarge': 30400 },
  'p6-b300': { '48xlarge': 30400 },
  trn1: { '2xlarge': 474, '32xlarge': 7600 },
  trn1n: { '32xlarge': 7600 },
  trn2: { '48xlarge': 7600 },
};

/** Families with network disks only. */
const NETWORK_DISKS = /^(p2|p3|[mcrt]\d[a-ce-z]*)$/;

export interface LocalDisk {
  /** Whether the machine has local disks; undefined where nobody knows. */
  readonly present?: boolean;
  /** Their size, where it is known. */
  readonly sizeGiB?: number;
}

/** The local disks of a machine type, by its EC2 name. */
export function localDisk(type: string): LocalDisk {
  const [family, size] = type.replace(/^ml\./, '').split('.');
  const gigabytes = LOCAL_DISKS[family]?.[size];
  if (gigabytes) {
    return { present: true, sizeGiB: Math.floor((gigabytes * 1e9) / 2 ** 30) };
  }
  if (NETWORK_DISKS.test(family)) {
    return { present: false };
  }
  return { present: family in LOCAL_DISKS || /^[mcr]\d[a-z]*d[a-z]*$/.test(family) ? true : undefined };
}

/** The ranges of a network's subnets. The last quarter stays free. */
export interface SubnetRanges {
  /** The first half. */
  readonly workloads: string;
  /** An eighth. */
  readonly endpoints: string;
  /** An eighth: in the smallest network 32 addresses, as many as Container Apps needs. */
  readonly containerApps: string;
}

/** Cuts a network's range. */
export function subnetRanges(cidr: string): SubnetRanges {
  const [address, prefix] = cidr.split('/');
  const size = 2 ** (32 - Number(prefix));
  const given = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = given - (given % size);
  const range = (offset: number, bits: number) => {
    const start = first + size * offset;
    const octets = [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(start / unit) % 256);
    return `${octets.join('.')}/${Number(prefix) + bits}`;
  };
  return { workloads: range(0, 1), endpoints: range(1 / 2, 3), containerApps: range(5 / 8, 3) };
}

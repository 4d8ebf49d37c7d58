import { required, text } from '../../core/private/schema';

export const NETWORK_ID = required(
  text({
    pattern: /^projects\/[\w.:-]+\/global\/networks\/[\w-]+$/,
    means: 'projects/…/global/networks/…',
  }),
);

export const SUBNETWORK_ID = required(
  text({
    pattern: /^projects\/[\w.:-]+\/regions\/[\w-]+\/subnetworks\/[\w-]+$/,
    means: 'projects/…/regions/…/subnetworks/…',
  }),
);

export const RANGE_NAME = text({
  pattern: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  means: 'the name of a secondary range of the subnetwork',
});

/**
 * Makes the portable job environment from the index that Kubernetes gives each pod of an Indexed Job, and from what the
 * manifest says of the job; then becomes the command. Node 0 is found by the name that it has in the headless service,
 * once it runs. A job that may go on with fewer nodes meets at torchrun's own store, which node 0 holds.
 * It holds no `${`, which languages of workflows may take for an expression.
 */
export const KUBERNETES_ENTRY = [
  'export NNODES=$ML_NODES NODE_RANK=$JOB_COMPLETION_INDEX MASTER_ADDR=127.0.0.1',
  `if [ "$ML_NODES" -gt 1 ]; then MASTER_ADDR=$ML_JOB-0.$ML_SERVICE; [ -z "$(command -v getent)" ]||until getent hosts "$MASTER_ADDR" >/dev/null; do sleep 2; done; fi`,
  `if [ "$ML_LEAST_NODES" -lt "$ML_NODES" ]; then NNODES=$ML_LEAST_NODES:$ML_NODES; ${[
    'export PET_RDZV_BACKEND=c10d PET_RDZV_ENDPOINT=$MASTER_ADDR:$MASTER_PORT PET_RDZV_ID=$ML_JOB PET_MAX_RESTARTS=$ML_RESTARTS',
    '[ "$NODE_RANK" = 0 ] && export PET_RDZV_CONF=is_host=1||export PET_RDZV_CONF=is_host=0',
  ].join('; ')}; fi`,
  'export PET_NNODES=$NNODES PET_NODE_RANK=$NODE_RANK PET_MASTER_ADDR=$MASTER_ADDR',
  'exec "$@"',
].join('; ');

/** The command line that runs the entry script; what follows it is the command of the job. */
export const ENTRY_POINT = ['/bin/sh', '-c', 'eval "$ML_ENTRY"', 'job'];

/** What Kubernetes makes of the variables of a job. */
export const KUBERNETES_JOBS = {
  title: 'Kubernetes',
  reserved: [
    'ML_ENTRY',
    'ML_JOB',
    'ML_SERVICE',
    'ML_NODES',
    'ML_LEAST_NODES',
    'ML_RESTARTS',
    'JOB_COMPLETION_INDEX',
    'PET_RDZV_BACKEND',
    'PET_RDZV_ENDPOINT',
    'PET_RDZV_ID',
    'PET_RDZV_CONF',
    'PET_MAX_RESTARTS',
  ],
  ofService: /^(KUBERNETES_|HOSTNAME$)/,
};

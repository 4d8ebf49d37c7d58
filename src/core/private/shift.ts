import { DeployParameter } from '../deploy-parameter';

/** A variant that has a share of the traffic. */
export interface Share {
  readonly variant: string;
  /** Percent that the program declares. */
  readonly weight: number;
  /** What the service calls what the variant runs; the variant's name where left out. */
  readonly deployment?: string;
}

/** What a service's own command line does, in shell. `$VARIANT` is the variant that the traffic moves to. */
export interface ShiftCalls {
  /** Prints what each deployment has now, as `deployment:weight`; who has nothing may be missing. */
  readonly weights: string;
  /** Gives the deployments what its arguments say, as `deployment:weight`, and waits until they have it. */
  readonly move: string;
  /** Prints what rings because of `$VARIANT`, since `$SINCE` (UTC) where it asks by time; left out, nothing is watched. */
  readonly alarms?: string;
}

/** Who shares the traffic, in shell. */
export interface Sharing {
  /** The names of those that may have some; `$HAVE` is what `ShiftCalls.weights` printed. */
  readonly names: string;
  /** Prints what the service calls the one named `$1`. */
  readonly nameOf: string;
  /** What `$VARIANT` may be, as a pattern of `case`, and in words. */
  readonly pattern: string;
  readonly means: string;
  /** Gives everyone what the program declares, and what that is. */
  readonly declare: string;
  readonly declared: string;
  /** Brings back by hand what was there before. */
  readonly byHand: string;
}

export interface ShiftPlan {
  readonly endpointName: string;
  readonly sharing: Sharing;
  readonly calls: ShiftCalls;
  /** How long the alarms are read after each step: what they look at, and how late the service measures. */
  readonly watchSeconds: number;
}

/** Seconds between two looks at the alarms. */
const LOOK_SECONDS = 30;

/** What each variant is to have: `$VARIANT` the percent `$1`, the others the rest as they shared it before. */
const SPLIT = [
  `{ n[NR] = \\$1; w[NR] = \\$2; all += \\$2; if (\\$1 == v) has = \\$2 }`,
  `END { rest = all - has; if (all > 0 && p * all <= has * 100) exit;`,
  `for (i = 1; i <= NR; i++) { s[i] = n[i] == v ? (rest > 0 ? p : 100) : (rest > 0 ? int((100 - p) * w[i] / rest) : 0);`,
  `sum += s[i]; if (n[i] != v && (!top || w[i] > w[top])) top = i }`,
  `s[top] += 100 - sum; for (i = 1; i <= NR; i++) printf \\"%s:%d \\", n[i], s[i] }`,
].join(' ');

/** The variants of an endpoint, at least two. */
export function variantsOf(shares: Share[]): Sharing {
  const names = shares.map(({ variant }) => variant);
  const declared = shares.map(({ variant, weight }) => `${variant}:${weight}`).join(' ');
  return {
    names: names.join(' '),
    nameOf: `case "$1" in ${shares.map(({ variant, deployment = variant }) => `${variant}) echo ${deployment} ;;`).join(' ')} esac`,
    pattern: names.join('|'),
    means: `empty (the declared weights) or one of ${names.join(', ')}`,
    declare: `move ${declared}`,
    declared: `as declared: ${declared}`,
    byHand: 'run this again without VARIANT',
  };
}

/** The revisions that a service made of its one variant: only the service knows them, all are named after it. */
export const revisionsOf = (service: string, toLatest: string): Sharing => ({
  names: '$({ echo "$HAVE" | cut -d : -f 1; echo "$VARIANT"; } | sort -u)',
  nameOf: 'echo "$1"',
  pattern: `${service}-*`,
  means: `empty (the latest revision) or a revision of ${service}`,
  declare: toLatest,
  declared: 'the latest revision has the traffic',
  byHand: 'run this again with the revision in VARIANT and STEPS=100',
});

/**
 * The command that moves traffic to `$VARIANT` by the percents of `$STEPS`, reads the alarms for `$WAIT_SECONDS` after
 * each step, and moves the traffic back when one rings, when they cannot be read or when it is interrupted; it then fails.
 * Without `$VARIANT` it gives every variant what the program declares, at once.
 *
 * There is no `${` in it: it stands in outputs of Terraform.
 */
export function shiftCommand({ endpointName, sharing, calls, watchSeconds }: ShiftPlan): string {
  const script = [
    'set -o pipefail',
    `say() { echo "${endpointName}: $*"; }`,
    `fail() { say "$*" >&2; exit 1; }`,
    `nameOf() { ${sharing.nameOf}; }`,
    `read_weights() { ${calls.weights}; }`,
    `write_weights() { ${calls.move}; }`,
    `alarms() { ${calls.alarms ?? ':'}; }`,
    `weights() { HAVE=$(read_weights) || return 1; for v in ${sharing.names}; do w=$(echo "$HAVE" | sed -n "s/^$(nameOf "$v")://p"); [ -n "$w" ] || w=0; echo "$v:$w"; done; }`,
    `move() { write_weights $(for one in "$@"; do echo "$(nameOf "$(echo "$one" | cut -d : -f 1)"):$(echo "$one" | cut -d : -f 2)"; done); }`,
    `split() { printf "%s\\n" $BEFORE | awk -F: -v v="$VARIANT" -v p="$1" "${SPLIT}"; }`,
    `back() { trap "" INT TERM HUP; say "$*: the traffic goes back to $BEFORE" >&2; move $BEFORE && fail "the traffic is as it was: $BEFORE" || fail "the traffic could NOT be moved back: ${sharing.byHand}"; }`,
    `[ -n "$STEPS" ] || STEPS="10 50 100"`,
    `[ -n "$WAIT_SECONDS" ] || WAIT_SECONDS=${watchSeconds}`,
    `case "$STEPS$WAIT_SECONDS" in *[!0-9\\ ]*) fail "STEPS and WAIT_SECONDS must be whole numbers" ;; esac`,
    `for P in $STEPS; do [ "$P" -ge 1 ] && [ "$P" -le 100 ] || fail "STEPS must be percents from 1 to 100"; done`,
    `case "$VARIANT" in "") ${sharing.declare} && say "${sharing.declared}"; exit ;; ${sharing.pattern}) ;; *) fail "VARIANT must be ${sharing.means}" ;; esac`,
    `SINCE=$(date -u +%Y-%m-%dT%H:%M:%SZ)`,
    `BEFORE=$(weights | xargs) && [ -n "$BEFORE" ] || fail "its weights cannot be read: nothing was moved"`,
    calls.alarms
      ? `RINGS=$(alarms) || fail "its alarms cannot be read: nothing was moved"; [ -z "$RINGS" ] || fail "alarms of $VARIANT ring already, nothing was moved:" $RINGS`
      : `say "no alarms are declared: nothing is watched between the steps" >&2`,
    `trap "back interrupted" INT TERM HUP`,
    `NOW=$BEFORE`,
    [
      'for P in $STEPS; do NEXT=$(split "$P"); [ -n "$NEXT" ] || continue;',
      `move $NEXT || back "the traffic could not be moved to $NEXT";`,
      'NOW=$NEXT; say "$NOW, watched for $WAIT_SECONDS seconds"; LEFT=$WAIT_SECONDS;',
      'while :; do RINGS=$(alarms) || back "the alarms cannot be read"; [ -z "$RINGS" ] || back "alarms ring:" $RINGS;',
      `[ "$LEFT" -gt 0 ] || break; N=${LOOK_SECONDS}; [ "$LEFT" -ge "$N" ] || N=$LEFT; sleep "$N" & wait $!; LEFT=$((LEFT - N)); done; done`,
    ].join(' '),
    'say "done: $NOW"',
  ].join('; ');
  return `VARIANT="$VARIANT" STEPS="$STEPS" WAIT_SECONDS="$WAIT_SECONDS" bash -c '${script.replace(/'/g, `'\\''`)}'`;
}

/** What stands for the command where there is nothing to shift. */
export function nothingToShift(
  endpointName: string,
  variant: string,
  version: string | DeployParameter | undefined,
  flag: '--parameters' | '-var',
): string {
  const back = DeployParameter.isDeployParameter(version)
    ? `deploy with ${flag} ${(version as DeployParameter).name}=EARLIER to go back to an earlier version`
    : 'deploy an earlier version of the program to go back';
  return `echo '${endpointName} has the one variant ${variant}: there is no traffic to shift; ${back}'`;
}

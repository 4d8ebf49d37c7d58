import { IConstruct } from 'constructs';
import { DeployParameter } from '../deploy-parameter';
import { report } from './report';
import { isToken } from './tokens';

/** A quota that must be as large, beside what else counts against it. */
export interface QuotaNeed {
  /** Whose quota it is: `SageMaker`. */
  readonly service: string;
  /** As the service names it. */
  readonly name: string;
  readonly amount: number;
  /** What is counted: `vCPU`. */
  readonly unit: string;
  /** Whether deployment may ask for more, by a count that is given there. */
  readonly open: boolean;
  /** The command that shows the quota. */
  readonly check: string;
  /** The command that asks for as much as the shell variable AMOUNT says. */
  readonly request: string;
  /** What must stay free of it, however many needs there are. */
  readonly free?: number;
  /** What else to know of it. */
  readonly note?: string;
}

/** A quota, without how much of it. */
export type Quota = Omit<QuotaNeed, 'amount' | 'open'>;

/** How many machines there are at most. */
export interface Count {
  readonly amount: number;
  readonly open: boolean;
}

/** A count as a prop says it: a parameter counts as its default, what only deployment knows as one. */
export function countOf(value: number | DeployParameter | undefined, otherwise: number): Count {
  if (DeployParameter.isDeployParameter(value)) {
    return { amount: Number((value as DeployParameter).defaultValue), open: true };
  }
  return value !== undefined && isToken(value)
    ? { amount: 1, open: true }
    : { amount: (value as number | undefined) ?? otherwise, open: false };
}

/** Machines that run, and those that come besides while they are replaced. */
export const together = (...counts: Count[]): Count => ({
  amount: counts.reduce((sum, { amount }) => sum + amount, 0),
  open: counts.some(({ open }) => open),
});

/** Tells that a construct needs an amount of a quota for each of its machines. */
export function needQuota(construct: IConstruct, quota: Quota, count: Count, each = 1): void {
  const need: QuotaNeed = { ...quota, amount: count.amount * each, open: count.open };
  report(construct, 'quota', `${need.service}: ${need.name}`, textOf(need), need);
}

/** What constructs that count against the same quotas need together. */
export function sumQuotas(needs: readonly QuotaNeed[]): QuotaNeed[] {
  const byName = new Map<string, QuotaNeed>();
  for (const need of needs) {
    const key = [need.name, need.unit, need.check].join(' ');
    const other = byName.get(key);
    byName.set(key, other ? { ...need, ...together(other, need) } : need);
  }
  return [...byName.values()];
}

/** A need in words, and the commands that check the quota and ask for more. */
export const textOf = (need: QuotaNeed): string =>
  `${amountOf(need)}${need.note ? ` (${need.note})` : ''}. Check: ${need.check}. Request: ${requestOf(need)}`;

/** `8 vCPU`, or `8 vCPU or more`. */
export const amountOf = ({ amount, unit, open }: QuotaNeed): string =>
  `${amount} ${unit}${open ? ' or more, as deployment says' : ''}`;

/** The command that asks for what is needed; what else counts against the quota is to be added. */
export const requestOf = ({ amount, request, free = 0 }: QuotaNeed): string =>
  request.includes('$AMOUNT') ? `export AMOUNT=${amount + free} && ${request}` : request;

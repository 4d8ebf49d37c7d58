import { Construct, RootConstruct } from 'constructs';
import { DeployParameter } from '../../src/core';
import {
  amountOf,
  countOf,
  needQuota,
  Quota,
  requestOf,
  sumQuotas,
  together,
} from '../../src/core/private/quotas';
import { reportOf } from '../../src/core/private/report';

const FLARE: Quota = {
  service: 'Flare',
  name: 'flare.t4 running',
  unit: 'vCPU',
  check: 'flare quota show flare.t4',
  request: 'flare quota raise flare.t4 --to "$AMOUNT"',
};

describe('quotas', () => {
  test('a need is told with its amount and both commands', () => {
    const stack = new RootConstruct('platform');
    needQuota(new Construct(stack, 'Training'), FLARE, countOf(3, 1), 4);
    expect(reportOf(stack)).toEqual([
      {
        path: 'platform/Training',
        entry: {
          kind: 'quota',
          title: 'Flare: flare.t4 running',
          text: '12 vCPU. Check: flare quota show flare.t4. Request: export AMOUNT=12 && flare quota raise flare.t4 --to "$AMOUNT"',
          quota: { ...FLARE, amount: 12, open: false },
        },
      },
    ]);
  });

  test('needs of one quota are added, those of others stand apart', () => {
    const need = (amount: number, name = FLARE.name) => ({ ...FLARE, name, amount, open: false });
    expect(sumQuotas([need(4), need(2, 'flare.t4 spot'), { ...need(8), open: true }])).toEqual([
      { ...FLARE, amount: 12, open: true },
      need(2, 'flare.t4 spot'),
    ]);
  });

  test('a quota of another region is another quota', () => {
    const need = { ...FLARE, amount: 1, open: false };
    const elsewhere = { ...need, check: `${FLARE.check} --region south` };
    expect(sumQuotas([need, elsewhere])).toEqual([need, elsewhere]);
  });

  test('an amount that deployment gives is said to be open', () => {
    const most = countOf(DeployParameter.ofNumber('Most', 8), 1);
    expect(most).toEqual({ amount: 8, open: true });
    expect(countOf(undefined, 1)).toEqual({ amount: 1, open: false });
    expect(countOf(-1.8881545897087626e289, 1)).toEqual({ amount: 1, open: true });
    expect(together(most, countOf(2, 1))).toEqual({ amount: 10, open: true });
    expect(amountOf({ ...FLARE, ...most })).toBe('8 vCPU or more, as deployment says');
  });

  test('what must stay free is asked for once', () => {
    const need = { ...FLARE, free: 100, amount: 5, open: false };
    expect(sumQuotas([need, need]).map(requestOf)).toEqual([
      'export AMOUNT=110 && flare quota raise flare.t4 --to "$AMOUNT"',
    ]);
  });

  test('what no command asks for is said in words', () => {
    const request = 'a support request in the portal';
    expect(requestOf({ ...FLARE, request, amount: 1, open: false })).toBe(request);
  });
});

import { Contract, Program } from './contract';
import { refusal } from '../support/refusal';

const synth = ({ foundation }: Program) => (foundation.node.root as unknown as { synth(): void }).synth();

export const residency: Contract = {
  construct: 'residency',
  promises: [
    {
      title: 'Nothing lies outside of the allowed regions, is copied there or served from there',
      check({ ml, probe }) {
        const { region, strays } = probe;
        for (const [what, stray] of Object.entries(strays)) {
          const program = probe.program({ allowedRegions: [region] });
          stray(program.foundation);
          expect([what, refusal(() => synth(program))]).toEqual([
            what,
            expect.stringMatching(/^foundation: .*\[CMC-05[0-2]\]$/s),
          ]);
        }
        const program = probe.program({ allowedRegions: [region] });
        const lake = new ml.DataLake(program.foundation, 'Lake');
        expect(probe.stores(program, lake)).toHaveLength(3);
      },
    },
    {
      title: 'A policy of the cloud guards the allowed regions where it is asked for',
      check({ ml, probe }) {
        const guards = (regionGuard: boolean) => {
          const program = probe.program({ allowedRegions: [probe.region], regionGuard });
          new ml.DataLake(program.foundation, 'Lake');
          return probe.guards(program);
        };
        expect(guards(false)).toEqual([]);
        expect(guards(true)).toEqual([[probe.region]]);
      },
    },
  ],
};

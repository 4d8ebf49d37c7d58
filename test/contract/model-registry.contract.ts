import { Contract } from './contract';
import * as core from '../../src/core';

const MODELS = [{ name: 'fraud-detector' }];

export const modelRegistry: Contract = {
  construct: 'ModelRegistry',
  promises: [
    {
      title: 'Files of models are private, encrypted, versioned and kept',
      check({ ml, probe }) {
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', { models: MODELS });
        expect(probe.registry(program, registry)).toMatchObject({
          models: 1,
          files: { open: false, tlsOnly: true, encrypted: true, kept: true, expireAfterDays: undefined },
        });
        expect(probe.registry(program, registry).files.restorableDays).toBeGreaterThanOrEqual(30);
      },
    },
    {
      title: 'Images are scanned and encrypted',
      check({ ml, probe }) {
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: MODELS,
          images: ['train', 'serve'],
        });
        const { images } = probe.registry(program, registry);
        expect(images).toHaveLength(2);
        for (const image of images) {
          expect(image).toMatchObject({ scanned: true, encrypted: true });
        }
      },
    },
    {
      title: 'Tags of images are immutable',
      check({ ml, probe }) {
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: MODELS,
          images: ['serve'],
        });
        expect(probe.registry(program, registry).images).toEqual([
          expect.objectContaining({ immutable: true }),
        ]);
      },
    },
    {
      title: 'Changes of approvals are told by e-mail, by webhook and through channels that exist',
      check({ ml, probe }) {
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: MODELS,
          notify: ['ml@example.com', 'https://chat.example.com/ml'],
          channels: [probe.channel(program)],
        });
        expect(probe.alarms(program, registry)).toEqual({
          alarms: 1,
          mailed: ['ml@example.com'],
          called: ['https://chat.example.com/ml'],
          channels: 1,
        });
      },
    },
    {
      title: 'Only declared models and images are given out',
      check({ ml, probe }) {
        const registry = new ml.ModelRegistry(probe.program().foundation, 'Registry', {
          models: MODELS,
          images: ['serve'],
        });
        expect(registry.model('fraud-detector').version('1').version).toBe('1');
        expect(registry.image('serve', '1').name).toBe('serve');
        expect(() => registry.image('train', '1')).toThrow(/was not declared.*\[CMC-012\]/);
        expect(() => registry.model('fraud')).toThrow(/was not declared.*\[CMC-012\]/);
      },
    },
    {
      title: 'Commands publish, approve and push',
      check({ ml, probe }) {
        const registry = new ml.ModelRegistry(probe.program().foundation, 'Registry', {
          models: MODELS,
          images: ['serve'],
        });
        expect(registry.publishCommand('fraud-detector', '3', registry.image('serve', '1'))).toContain(
          '$MODEL_FILES',
        );
        expect(registry.approveCommand('fraud-detector', '3')).toContain('3');
        expect(registry.pushCommand('serve', '1')).toContain('docker push');
      },
    },
    {
      title: 'Versions and tags that could be commands are refused',
      check({ ml, probe }) {
        const registry = new ml.ModelRegistry(probe.program().foundation, 'Registry', {
          models: MODELS,
          images: ['serve'],
        });
        const hostile = '1; rm -rf /';
        const parameter = core.DeployParameter.of('Tag', hostile);
        for (const call of [
          () => registry.publishCommand('fraud-detector', hostile, registry.image('serve', '1')),
          () => registry.approveCommand('fraud-detector', hostile),
          () => registry.pushCommand('serve', hostile),
          () => registry.image('serve', parameter),
        ]) {
          expect(call).toThrow(/\[CMC-006\]/);
        }
      },
    },
  ],
};

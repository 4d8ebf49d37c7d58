import { IConstruct } from 'constructs';
import { EngineRules } from './engine';
import { Faults, show } from './faults';
import { isContainerImage } from './rules/values';
import { isToken } from './tokens';
import type { ContainerImage } from '../container';

/** Where the services of a cloud pull images from without a password. */
export interface ImageSource {
  readonly address: RegExp;
  /** In words. */
  readonly title: string;
}

/** Judges an image: what is declared comes before its user; an address must be one that services pull from. */
export function imageJudge({ address, title }: ImageSource, comesBefore: EngineRules<never>['comesBefore']) {
  return (user: IConstruct, image: string | ContainerImage, prop: string, faults: Faults): void => {
    if (isContainerImage(image)) {
      comesBefore(image.registry, user, prop, faults);
    } else if (typeof image === 'string' && !isToken(image) && !address.test(image)) {
      faults.add(
        'CMC-060',
        prop,
        `(${show(image)}) must be in ${title}, where the service pulls without a password: declare it in a ModelRegistry (images: ['name'], registry.image('name', 'tag')) and push a copy with registry.pushCommand, or give the address of an image there`,
      );
    }
  };
}

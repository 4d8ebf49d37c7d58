import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { TerraformBackend, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { enableNoApis } from './private/apis';
import { tellDeployRole } from './private/deploy-permissions/role';
import { CLOUD, providerOf } from './private/judge';
import { LABELS, labelValue, PROJECT } from './private/labels';
import { RegionGuard } from './private/region-guard';
import { reportStack } from './private/report';
import { PLACES } from './private/residency';
import { brand } from '../core/private/brand';
import { judge, judgeCall } from '../core/private/faults';
import { judgeGuard, judgeRegions } from '../core/private/residency';
import {
  namePrefixRules,
  platformStackRules,
  residencyRules,
  stackReportRules,
} from '../core/private/rules/stack';
import { flag, judgeProps, literal, required, Schema, struct, text } from '../core/private/schema';
import { backendOf } from '../terraform/exports';
import { keepTrack } from '../terraform/kept';
import { setNamePrefix } from '../terraform/names';
import { keepInside } from '../terraform/residency';
import { stackId } from '../terraform/stack-id';

/** What the constructs of a stack may take for granted. */
export interface AdoptProps extends core.NamePrefixProps, core.ResidencyProps, core.StackReportProps {
  /**
   * Whether the APIs that constructs need are enabled in the project. They stay enabled when the stack is destroyed.
   *
   * @default true
   */
  readonly enableApis?: boolean;
}

/** Props of a stack of a machine-learning platform on Google Cloud. */
export interface PlatformStackProps extends AdoptProps, core.PlatformStackCommonProps {
  /** The id of the project that everything is made in. */
  readonly project: string;

  /** The region that everything is made in, such as `europe-west4`. */
  readonly region: string;

  /**
   * Labels of everything that takes labels: lower-case letters, digits, `_` and `-`, at most 63.
   *
   * @default - `ml-platform`, with the stack's name
   */
  readonly labels?: { [key: string]: string };
}

const ADOPT: Schema<AdoptProps> = {
  ...namePrefixRules,
  ...residencyRules,
  ...stackReportRules,
  enableApis: flag,
};

/**
 * A Terraform stack with what a platform wants everywhere: the Google provider with project, region and labels, a
 * security profile, the regions it may be in, state by a relative path, a report. Every construct works in a plain
 * `cdktf.TerraformStack` with a Google provider too.
 */
export class PlatformStack extends TerraformStack {
  /**
   * Says what constructs of the library do in a stack of your own, next to your resources. Without it they are made there
   * too, with the defaults. Project, region and labels are those of the stack's Google provider; the other providers
   * that some need are made from it.
   *
   * @param stack your stack
   * @param props what its constructs may take for granted
   */
  public static adopt(stack: TerraformStack, props: AdoptProps = {}): void {
    judgeCall(stack, (faults) => {
      judgeProps(faults, struct(ADOPT), props);
      judgeGuard(props, faults);
      if (props.regionGuard && !providerOf(stack)) {
        faults.add('CMC-009', 'regionGuard', 'needs the Google provider of the stack: make it before');
      }
    });
    settle(stack, props);
  }

  /** The project's id. */
  public readonly project: string;
  /** The region. */
  public readonly region: string;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, stackId(scope, id));
    brand(this, CLOUD, 'PlatformStack');
    judge(this, (faults) => {
      judgeProps(
        faults,
        struct<PlatformStackProps>({
          ...platformStackRules,
          project: required(PROJECT),
          region: required(
            literal(text({ pattern: /^[a-z]+-[a-z]+\d+$/, means: 'a region such as europe-west4' })),
          ),
          labels: LABELS,
          ...ADOPT,
        }),
        props,
      );
      if (faults.none) {
        judgeRegions(props, 'region', props.region, faults);
      }
    });
    const { project, region, labels, securityProfile } = props;
    this.project = project;
    this.region = region;
    tellDeployRole(this);
    // As an override, because cdktf writes `_` for `-` in the maps of a provider.
    new GoogleProvider(this, 'google', { project, region }).addOverride('default_labels', {
      'ml-platform': labelValue(id),
      ...labels,
    });
    securityProfile?.applyTo(this);
    settle(this, props);
  }

  /** The backend: your own, where the stack has one, else a local file by a path that every machine has. */
  public ensureBackendExists(): TerraformBackend {
    return backendOf(this);
  }
}

function settle(
  stack: TerraformStack,
  { enableApis = true, namePrefix, allowedRegions, regionGuard, report = true }: AdoptProps,
): void {
  if (report) {
    reportStack(stack);
  }
  setNamePrefix(stack, namePrefix);
  keepTrack(stack);
  if (!enableApis) {
    enableNoApis(stack);
  }
  if (allowedRegions) {
    keepInside(stack, allowedRegions, PLACES);
  }
  if (allowedRegions && regionGuard) {
    new RegionGuard(stack, allowedRegions);
  }
}

import { App, CfnResource, Validations } from 'aws-cdk-lib';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  IApplyRule,
  NagPack,
  NagRuleCompliance,
  NIST80053R5Checks,
  PCIDSS321Checks,
} from 'cdk-nag';
import { IConstruct } from 'constructs';
import { Pack } from '../../src/aws/private/suppressions';

/** What a rule says of a resource that it is about. */
export interface Answer {
  readonly pack: Pack;
  /** With what was found in brackets, where a rule finds several things. */
  readonly rule: string;
  readonly resource: CfnResource;
  readonly fails: boolean;
}

interface Recording {
  readonly pack: Pack;
  /** All rules that were asked, also of what they are not about. */
  readonly rules: Set<string>;
  answersOf(app: App): Answer[];
}

/** A pack that says what each of its rules answers, explained or not. */
function recording(pack: Pack, Checks: new () => NagPack): Recording {
  const rules = new Set<string>();
  return {
    pack,
    rules,
    answersOf(app) {
      const answers: Answer[] = [];
      const checks = new Checks();
      const applyRule = ({ rule, ruleSuffixOverride, node: resource }: IApplyRule) => {
        const id = `${pack}-${ruleSuffixOverride ?? rule.name}`;
        rules.add(id);
        answers.push(...answered(() => rule(resource), id).map((one) => ({ ...one, pack, resource })));
      };
      Object.assign(checks, { applyRule });
      checks.validateScope(app);
      return answers;
    },
  };
}

/** A rule that fails over a reference has found something too. */
function answered(ask: () => unknown, rule: string): { rule: string; fails: boolean }[] {
  try {
    const result = ask();
    if (Array.isArray(result) && result.length > 0) {
      return result.map((found) => ({ rule: `${rule}[${found}]`, fails: true }));
    }
    return result === NagRuleCompliance.NOT_APPLICABLE
      ? []
      : [{ rule, fails: result === NagRuleCompliance.NON_COMPLIANT }];
  } catch {
    return [{ rule, fails: true }];
  }
}

export const PACKS = [
  recording('AwsSolutions', AwsSolutionsChecks),
  recording('HIPAA.Security', HIPAASecurityChecks),
  recording('NIST.800.53.R5', NIST80053R5Checks),
  recording('PCI.DSS.321', PCIDSS321Checks),
];

/** A finding that someone let stand. */
export interface Explanation {
  readonly id: string;
  readonly because: string;
  readonly construct: IConstruct;
}

/** All explanations of an app's findings. CDK keeps some for what it says itself. */
export const explanationsIn = (app: App): Explanation[] =>
  app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, because]) => ({ id: id.replace(/^Annotation::/, ''), because, construct }))
      .filter(({ id }) => PACKS.some(({ pack }) => id.startsWith(`${pack}-`))),
  );

/** Whether an explanation is of an answer: it stands at the resource, or above it. */
export const explains = ({ id, construct }: Explanation, { rule, resource }: Answer): boolean =>
  id === rule && resource.node.scopes.includes(construct);
